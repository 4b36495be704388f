//! What can go wrong between a client and a server.

use std::fmt;
use std::io;

use crate::frame::TooLong;
use crate::pickle;
use crate::repr::{Escaped, Raised};
use crate::value::Object;

/// Why a call, or a connection, failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The connection: refused, closed, silent for too long.
    Io(io::Error),
    /// One side does not know the key; in CPython's words.
    Authentication(&'static str),
    /// The other side does not speak this protocol.
    Protocol(String),
    /// A message larger than the limit. It was passed over.
    TooLong(TooLong),
    /// A message that is no pickle that we read, or a value that is too large
    /// to be written. The connection continues.
    Pickle(pickle::Error),
    /// The method raised this exception.
    Raised(Box<Object>),
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
        self.is_of_queue("Empty")
    }

    /// Whether it is `queue.Full`.
    pub fn is_full(&self) -> bool {
        self.is_of_queue("Full")
    }

    /// Whether it is `queue.ShutDown`, which Python has since 3.13.
    pub fn is_shut_down(&self) -> bool {
        self.is_of_queue("ShutDown")
    }

    fn is_of_queue(&self, name: &str) -> bool {
        matches!(self, Self::Raised(e) if e.class.is_of_queue(name))
    }

    pub(crate) fn closed() -> Self {
        let kind = io::ErrorKind::UnexpectedEof;
        Self::Io(io::Error::new(kind, "the other side hung up"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Authentication(reason) => f.write_str(reason),
            Self::Protocol(what) | Self::Remote(what) => Escaped(what).fmt(f),
            Self::TooLong(error) => error.fmt(f),
            Self::Pickle(error) => error.fmt(f),
            Self::Raised(exception) => Raised(exception).fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<TooLong> for Error {
    fn from(error: TooLong) -> Self {
        Self::TooLong(error)
    }
}

impl From<pickle::Error> for Error {
    fn from(error: pickle::Error) -> Self {
        Self::Pickle(error)
    }
}
