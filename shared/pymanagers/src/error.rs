//! What can go wrong between a client and a server.

use std::fmt;
use std::io;

use super::pickle;
use super::value::Object;

/// Why a call, or a connection, failed.
#[derive(Debug)]
pub enum Error {
    /// The connection: refused, closed, silent for too long.
    Io(io::Error),
    /// One side does not know the key; in CPython's words.
    Authentication(&'static str),
    /// The other side does not speak this protocol.
    Protocol(String),
    /// What came is no pickle that we read.
    Pickle(pickle::Error),
    /// The method raised this exception.
    Raised(Object),
    /// The server could not do it: the last line of its traceback.
    Remote(String),
}

impl Error {
    /// Whether the other side cannot be reached, or is no longer there. It
    /// may come back.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Io(_))
    }

    /// Whether it is `queue.Empty`.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Raised(e) if e.class.is_of_queue("Empty"))
    }

    /// Whether it is `queue.Full`.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Raised(e) if e.class.is_of_queue("Full"))
    }

    pub(crate) fn hung_up() -> Self {
        let kind = io::ErrorKind::UnexpectedEof;
        Self::Io(io::Error::new(kind, "the other side hung up"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Authentication(words) => f.write_str(words),
            Self::Protocol(what) | Self::Remote(what) => f.write_str(what),
            Self::Pickle(error) => error.fmt(f),
            Self::Raised(exception) => exception.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<pickle::Error> for Error {
    fn from(error: pickle::Error) -> Self {
        Self::Pickle(error)
    }
}
