//! What a server tells its owner, and how it reads a result.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use pymanagers::Value;

/// What a server has to tell its owner.
#[derive(Debug)]
pub enum FarmEvent {
    /// A connection was refused, or made no sense. Of many in a row from one
    /// address only some are reported.
    Refused {
        /// Where it comes from.
        peer: SocketAddr,
        /// Why it was refused.
        error: pymanagers::Error,
        /// How many connections of this address were refused so far.
        count: u64,
    },
    /// The system gives no more connections.
    AcceptFailed(io::Error),
    /// A task's second result was dropped.
    Duplicate(SocketAddr, u64, Value),
}

/// One line, which a program may log. What would drive a terminal is escaped.
impl fmt::Display for FarmEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { peer, error, count: 1 } => {
                write!(f, "{peer}: {error}")
            }
            Self::Refused { peer, error, count } => {
                write!(f, "{peer}: {error} ({count} times)")
            }
            Self::AcceptFailed(error) => {
                write!(f, "no more workers can connect: {error}")
            }
            Self::Duplicate(peer, _, result) => {
                let result = result.to_text();
                write!(f, "{peer}: second result dropped: {result}")
            }
        }
    }
}

/// The body of the task that a result names, if it names one.
pub(super) type TaskOf = fn(&Value) -> Option<Value>;
