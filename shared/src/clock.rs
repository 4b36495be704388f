//! A stopwatch, and naps at a pace that the reader chooses.
//!
//! A lesson naps as long as the Python documents do: a person can watch.
//! `--pace 0.05`, or `LESSON_PACE=0.05` in the environment, makes every nap
//! twenty times shorter: a test need not wait. Children inherit the pace.

use std::fmt;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::{system, timeline};

/// The environment variable that holds the pace.
pub const PACE_VARIABLE: &str = "LESSON_PACE";

/// The slowest and the fastest pace that make sense.
const PACES: std::ops::RangeInclusive<f64> = 0.001..=1000.0;

static PACE: OnceLock<f64> = OnceLock::new();

/// How long a nap of one second takes, in seconds: 1 is the speed of Python.
///
/// Taken from `--pace`, else from `LESSON_PACE`, else 1. An invalid value
/// counts as 1 here; [`Lesson::run`](crate::Lesson::run) refuses it before any
/// part runs.
pub fn pace() -> f64 {
    *PACE.get_or_init(|| {
        let text = std::env::var(PACE_VARIABLE).unwrap_or_default();
        parse_pace(&text).unwrap_or(1.0)
    })
}

/// Fixes the pace for this process. The first call wins.
pub(crate) fn set_pace(pace: f64) {
    let _ = PACE.set(pace);
}

/// Reads a pace.
///
/// # Errors
///
/// If `text` is not a pace: a message with the valid range.
///
/// ```
/// use shared::clock::parse_pace;
///
/// assert_eq!(parse_pace("0.05"), Ok(0.05));
/// assert!(parse_pace("fast").unwrap_err().contains("0.001 to 1000"));
/// ```
pub fn parse_pace(text: &str) -> Result<f64, String> {
    let pace = text.trim().parse().ok().filter(|pace| PACES.contains(pace));
    pace.ok_or_else(|| {
        let slowest = PACES.start();
        let fastest = PACES.end();
        format!(
            "a pace is a number from {slowest} to {fastest} \
             (1 is the speed of the Python), not {text:?}"
        )
    })
}

/// `seconds` of the Python program's time, at this process's pace.
///
/// # Panics
///
/// When `seconds` is negative, not a number, or longer than a `Duration` holds.
///
/// ```
/// use shared::clock::{at_pace, pace};
///
/// assert_eq!(at_pace(2.0).as_secs_f64(), 2.0 * pace());
/// ```
pub fn at_pace(seconds: f64) -> Duration {
    scaled(seconds, pace())
}

fn scaled(seconds: f64, pace: f64) -> Duration {
    Duration::from_secs_f64(seconds * pace)
}

/// Sleeps for `seconds` of the Python program's time, at this process's pace.
///
/// A nap simulates work that takes a while. It never synchronises. It
/// shows in the [`timeline`] as a wait, unless a span around it says what the
/// work is.
///
/// # Panics
///
/// Where [`at_pace`] does.
///
/// ```
/// use shared::clock::{Stopwatch, at_pace, nap};
///
/// let watch = Stopwatch::start();
/// nap(0.01);
/// assert!(watch.seconds() >= at_pace(0.01).as_secs_f64());
/// ```
pub fn nap(seconds: f64) {
    let _span = timeline::napping();
    thread::sleep(at_pace(seconds));
}

/// Measures real seconds; prints as `0.35`.
///
/// ```
/// let watch = shared::clock::Stopwatch::start();
/// println!("It took {watch} seconds.");
/// assert!(watch.seconds() < 60.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.seconds())
    }
}

/// The CPU time that all threads of this process have used, in seconds. Not
/// measured outside Unix: not a number there.
///
/// ```
/// let before = shared::clock::cpu_seconds();
/// shared::task::count_primes(10_000);
/// # #[cfg(unix)]
/// assert!(shared::clock::cpu_seconds() > before);
/// ```
pub fn cpu_seconds() -> f64 {
    system::process_cpu_seconds()
}

/// The CPU time that the calling thread has used, in seconds: a thread that
/// sleeps uses none. Not measured outside Unix: not a number there.
///
/// ```
/// use shared::clock::{nap, thread_cpu_seconds};
///
/// let before = thread_cpu_seconds();
/// nap(0.1);
/// # #[cfg(unix)]
/// assert!(thread_cpu_seconds() - before < 0.05);
/// ```
pub fn thread_cpu_seconds() -> f64 {
    system::thread_cpu_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nap_is_as_long_as_the_pace_says() {
        assert_eq!(scaled(3.0, 1.0), Duration::from_secs(3));
        assert_eq!(scaled(3.0, 0.05), Duration::from_millis(150));
        assert_eq!(scaled(0.5, 4.0), Duration::from_secs(2));
        assert_eq!(scaled(0.0, 4.0), Duration::ZERO);
    }

    #[test]
    fn a_pace_is_a_positive_number_within_reason() {
        assert_eq!(parse_pace("1"), Ok(1.0));
        assert_eq!(parse_pace(" 0.001 "), Ok(0.001));
        assert_eq!(parse_pace("1e3"), Ok(1000.0));
    }

    #[test]
    fn what_is_no_pace_is_refused_by_its_name() {
        for text in ["", "0", "-1", "0.0009", "1001", "inf", "NaN", "1,5"] {
            let error = parse_pace(text).unwrap_err();
            assert!(error.ends_with(&format!("not {text:?}")), "{error}");
        }
    }
}
