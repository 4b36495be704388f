//! # Exercise 6: messages over a pipe
//!
//! A pipe carries bytes, and does not know where one message ends and the next
//! begins. Write `send` and `receive`: a message is sent as its length (four
//! bytes, the most significant one first) and then its bytes.
//!
//! - One `read` may return a part of a message, and one `write` may accept a
//!   part.
//! - An empty message is a message.
//! - `receive` returns `None` when the pipe is closed between two messages.
//!   When it is closed inside a message, that is an error.
//!
//! Check it: `cargo test -p exercises lesson06`

use std::io::{self, Read, Write};

/// Sends one message.
pub fn send(pipe: &mut impl Write, message: &[u8]) -> io::Result<()> {
    todo!()
}

/// Receives the next message, if there is one.
pub fn receive(pipe: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    todo!()
}
