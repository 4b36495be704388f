//! What happens at a server.

use std::io;
use std::net::SocketAddr;

use crate::error::Error;
use crate::object::ConnectionEnd;

/// What a server reports.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerEvent {
    /// A client has opened a connection for calls.
    Connected {
        /// The number of the connection.
        id: u64,
        /// Where it comes from.
        peer: SocketAddr,
        /// What the client calls itself.
        name: String,
    },
    /// Such a connection has closed.
    Disconnected {
        /// The number of the connection.
        id: u64,
        /// Where it came from.
        peer: SocketAddr,
        /// Whether the client had given its references back.
        end: ConnectionEnd,
    },
    /// A connection was refused, or made no sense. Of many in a row from one
    /// address, only the first, the second, the fourth, the eighth and so on
    /// are reported.
    Refused {
        /// Where it comes from.
        peer: SocketAddr,
        /// Why it was refused.
        error: Error,
        /// How many connections of this address were refused so far.
        count: u64,
    },
    /// The system gives no more connections: mostly, as the process has as
    /// many open files as it may. It is reported once, until it is over.
    AcceptFailed(io::Error),
}
