//! How long a call waits, in Rust and as Python's arguments say it.

use std::time::{Duration, Instant};

use crate::object::CallError;
use crate::value::Value;

/// How long to wait for something.
///
/// ```
/// use std::time::Duration;
/// use pymanagers::Wait;
///
/// assert_eq!(Wait::at_most(Duration::ZERO), Wait::No);
/// assert_eq!(Wait::at_most(Duration::MAX), Wait::Forever);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    /// Until then.
    Until(Instant),
    /// As long as it takes.
    Forever,
}

/// A waiting call looks this often whether its client is still connected.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

impl Wait {
    /// For so long at the most.
    pub fn at_most(time: Duration) -> Self {
        match Instant::now().checked_add(time) {
            _ if time.is_zero() => Self::No,
            Some(end) => Self::Until(end),
            None => Self::Forever,
        }
    }

    /// What the arguments `block` and `timeout` mean for a queue.
    ///
    /// # Errors
    ///
    /// `ValueError` for a negative timeout, `TypeError` for no number.
    pub fn from_python(
        block: Option<Value>,
        timeout: Option<Value>,
    ) -> Result<Self, CallError> {
        if block.is_some_and(|block| !block.is_true()) {
            return Ok(Self::No);
        }
        match seconds(timeout)? {
            Some(seconds) if seconds < 0.0 => Err(negative_timeout()),
            seconds => Ok(Self::from_seconds(seconds)),
        }
    }

    /// Negative is not at all; none is forever.
    pub(crate) fn from_seconds(seconds: Option<f64>) -> Self {
        let Some(seconds) = seconds else {
            return Self::Forever;
        };
        let time = Duration::try_from_secs_f64(seconds.max(0.0));
        time.map_or(Self::Forever, Self::at_most)
    }

    /// How long to sleep before the next look; `None` when time is up.
    pub fn next_check(self) -> Option<Duration> {
        match self {
            Self::No => None,
            Self::Forever => Some(CHECK_INTERVAL),
            Self::Until(end) => {
                let left = end.saturating_duration_since(Instant::now());
                (!left.is_zero()).then_some(left.min(CHECK_INTERVAL))
            }
        }
    }
}

/// Python's timeout in seconds, unless it is None.
pub(crate) fn seconds(
    timeout: Option<Value>,
) -> Result<Option<f64>, CallError> {
    match timeout {
        None | Some(Value::None) => Ok(None),
        Some(value) => match value.as_float() {
            Some(seconds) => Ok(Some(seconds)),
            None => {
                let text = format!("a timeout is a number, not {value}");
                Err(CallError::raise("TypeError", &text))
            }
        },
    }
}

pub(crate) fn negative_timeout() -> CallError {
    let text = "'timeout' must be a non-negative number";
    CallError::raise("ValueError", text)
}
