//! Why a call of a farm failed.

use std::fmt;

/// Why a farm did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The farm cannot be reached now. It may come back.
    Gone(String),
    /// The job was cleared. What was done of it counts for nothing; a new
    /// handle may find a new job of this name.
    Cleared(String),
    /// The farm was stopped, by Ctrl-C for instance.
    Stopped,
    /// The worker was stopped by its own program.
    Interrupted {
        /// How many tasks the farm did not take back in time.
        unreleased: usize,
    },
    /// Anything else; trying again would not help.
    Failed(String),
}

impl Error {
    /// Whether the same call may succeed later, perhaps with a new handle.
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::Interrupted { .. } | Self::Failed(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(why) | Self::Cleared(why) | Self::Failed(why) => {
                f.write_str(why)
            }
            Self::Interrupted { unreleased: 0 } => {
                f.write_str("the worker was stopped")
            }
            Self::Interrupted { unreleased } => {
                let tasks = if *unreleased == 1 { "task" } else { "tasks" };
                write!(
                    f,
                    "the worker was stopped; {unreleased} {tasks} could not \
                     be given back"
                )
            }
            Self::Stopped => f.write_str("the master was stopped"),
        }
    }
}

impl std::error::Error for Error {}

/// Of a call: the master was there before.
impl From<pymanagers::Error> for Error {
    fn from(error: pymanagers::Error) -> Self {
        match error.is_gone() {
            true => Self::Gone(format!("the master has gone: {error}")),
            false => Self::Failed(error.to_string()),
        }
    }
}
