//! A queue between processes, for several writers and several readers.
//!
//! It is a pair of connected sockets of the type `SEQPACKET`, and the system
//! does the work: it keeps items whole and in order, delivers each to one
//! reader, blocks writers while it is full, and tells the readers when the last
//! writer was closed.

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::AsFd;
use std::process::Stdio;

/// The most bytes that an item may have: it travels in one packet.
pub const LARGEST: usize = 128 * 1024;

/// Precedes each item in its packet: a packet is never empty, so an empty item
/// is not taken for the end.
const ITEM: &[u8] = &[1];

// ANCHOR: queue
/// A new queue, with room for at least one item of any size.
///
/// # Errors
///
/// Where there are no such sockets. They need Linux.
#[cfg(target_os = "linux")]
pub fn queue() -> io::Result<(Writer, Reader)> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType};
    use rustix::net::{socketpair, sockopt::set_socket_send_buffer_size};
    let family = AddressFamily::UNIX;
    let kind = SocketType::SEQPACKET;
    let ends = socketpair(family, kind, SocketFlags::CLOEXEC, None)?;
    set_socket_send_buffer_size(&ends.0, LARGEST)?;
    Ok((Writer::new(ends.0)?, Reader::new(ends.1)?))
}

/// The end for putting items.
pub struct Writer(File);

impl Writer {
    /// Puts an item into the queue, and blocks while the queue is full.
    ///
    /// # Errors
    ///
    /// If the item is too large, or the last reader was closed
    /// (`ConnectionReset` once, if it left items unread; then `BrokenPipe`).
    pub fn put(&mut self, item: &[u8]) -> io::Result<()> {
        if item.len() > LARGEST {
            let why = format!("an item has at most {LARGEST} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let packet = [IoSlice::new(ITEM), IoSlice::new(item)];
        let sent = self.0.write_vectored(&packet)?;
        assert_eq!(sent, ITEM.len() + item.len(), "all of it, or an error");
        Ok(())
    }

    /// The writer of a child, from its standard input for example.
    pub fn new(end: impl AsFd) -> io::Result<Self> {
        Ok(Self(end.as_fd().try_clone_to_owned()?.into()))
    }

    /// A second writer of this queue, for a child.
    pub fn for_child(&self) -> io::Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }
}

/// The end for taking items.
pub struct Reader(File, Box<[u8]>);

impl Reader {
    /// Takes the next item, and blocks while the queue is empty. `None` if it
    /// is empty and the last writer was closed.
    pub fn get(&mut self) -> io::Result<Option<&[u8]>> {
        let Self(socket, packet) = self;
        let size = socket.read(packet)?;
        Ok(packet[..size].split_first().map(|(_, item)| item))
    }

    /// The reader of a child, from its standard input for example.
    pub fn new(end: impl AsFd) -> io::Result<Self> {
        let socket = end.as_fd().try_clone_to_owned()?;
        Ok(Self(socket.into(), vec![0; ITEM.len() + LARGEST].into()))
    }

    /// A second reader of this queue, for a child.
    pub fn for_child(&self) -> io::Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }
}
// ANCHOR_END: queue

/// No such sockets here.
#[cfg(not(target_os = "linux"))]
pub fn queue() -> io::Result<(Writer, Reader)> {
    Err(io::Error::other("the queue needs SEQPACKET sockets, as Linux has"))
}
