//! What the lessons work on: a task that mostly waits, and one that computes.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::at_pace;
use crate::timeline;

/// Python's `long_time_task`: sleeps for two seconds, then computes 8^20.
///
/// Nearly all of it is waiting, as it is in Python: two of them take
/// half the time in two threads even where only one core computes.
///
/// ```
/// assert_eq!(shared::task::long_time_task(), 1_152_921_504_606_846_976);
/// ```
pub fn long_time_task() -> u64 {
    let _span = timeline::working("long_time_task");
    thread::sleep(at_pace(2.0));
    8_u64.pow(20)
}

/// Keeps one core busy: counts the primes below `limit` by trial division.
///
/// ```
/// assert_eq!(shared::task::count_primes(30), 10);
/// ```
pub fn count_primes(limit: u32) -> usize {
    let _span = timeline::working("count_primes");
    (2..limit).filter(|&n| is_prime(n)).count()
}

/// The limit below which this program counts the primes in about `time`: the
/// same time in a language that computes faster means more primes.
///
/// ```
/// use std::time::Duration;
///
/// assert!(shared::task::primes_limit(Duration::from_millis(1)) > 1_000);
/// ```
pub fn primes_limit(time: Duration) -> u32 {
    let mut limit = 1_000;
    loop {
        limit += limit / 10;
        let begin = Instant::now();
        black_box(count_primes(limit));
        if begin.elapsed() >= time {
            return limit;
        }
    }
}

fn is_prime(n: u32) -> bool {
    (2..).take_while(|d| *d <= n / d).all(|d| !n.is_multiple_of(d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_counted_from_the_very_first() {
        for (limit, primes) in [(0, 0), (2, 0), (3, 1), (4, 2), (10, 4)] {
            assert_eq!(count_primes(limit), primes, "below {limit}");
        }
        assert_eq!(count_primes(10_000), 1229);
    }
}
