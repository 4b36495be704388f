//! A connection, and until when it must have read or written something.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::address::Socket;

/// A connection that reads and writes within limits of time.
///
/// ```
/// use std::net::{TcpListener, TcpStream};
/// use std::time::Duration;
/// use pymanagers::connection::Connection;
/// use pymanagers::frame::{read_frame, write_frame};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let mut ours = Connection::tcp(TcpStream::connect(listener.local_addr()?)?)?;
/// let mut theirs = Connection::tcp(listener.accept()?.0)?;
/// write_frame(&mut theirs, b"hello")?;
/// ours.set_deadline_in(Duration::from_secs(5));
/// assert_eq!(read_frame(&mut ours, 9)?, Some(b"hello".to_vec()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Connection(BufReader<Timed>);

#[derive(Debug)]
struct Timed {
    socket: Arc<Socket>,
    deadline: Option<Instant>,
    /// How long a single write may take when there is no deadline.
    stalled: Option<Duration>,
    /// What the system knows: how long a read, or a write, may take.
    set: [Option<Duration>; 2],
    /// Whether we have written something since the last read.
    has_answered: bool,
}

impl Connection {
    /// A connection over TCP.
    ///
    /// # Errors
    ///
    /// When the system refuses its options.
    pub fn tcp(stream: TcpStream) -> io::Result<Self> {
        Ok(Self::new(Arc::new(Socket::tcp(stream)?)))
    }

    pub(crate) fn new(socket: Arc<Socket>) -> Self {
        let deadline = None;
        let stalled = None;
        let set = [None; 2];
        let timed =
            Timed { socket, deadline, stalled, set, has_answered: true };
        Self(BufReader::new(timed))
    }

    /// From now on all reads and writes must be done by then; `None`: they may
    /// take as long as they take.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.0.get_mut().deadline = deadline;
    }

    /// The same, from now on; so long that no clock reaches it means forever.
    pub fn set_deadline_in(&mut self, time: Duration) {
        self.set_deadline(Instant::now().checked_add(time));
    }

    /// Without a deadline, a write fails when for so long the peer has taken
    /// nothing.
    pub fn set_write_stall(&mut self, time: Option<Duration>) {
        self.0.get_mut().stalled = time;
    }

    /// Closes one direction, or both.
    pub fn shutdown(&self, how: Shutdown) {
        self.socket().shutdown(how);
    }

    pub(crate) fn socket(&self) -> &Arc<Socket> {
        &self.0.get_ref().socket
    }
}

impl Drop for Connection {
    /// Also for those that still hold the socket.
    fn drop(&mut self) {
        self.shutdown(Shutdown::Both);
    }
}

impl Read for Connection {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl BufRead for Connection {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl Write for Connection {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.0.get_mut().write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const READ: usize = 0;
const WRITE: usize = 1;

impl Timed {
    /// Tells the system how long a read or a write may take. A timeout that is
    /// up to an eighth too long is left as it is: with it, a call that is
    /// repeated needs no system call of its own.
    fn set_timeout(&mut self, way: usize) -> io::Result<()> {
        let wanted = match self.deadline {
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(ErrorKind::TimedOut.into());
                }
                Some(left)
            }
            None if way == WRITE => self.stalled,
            None => None,
        };
        let is_near = |set: Duration, left: Duration| {
            set >= left && set - left <= left / 8
        };
        match (self.set[way], wanted) {
            (None, None) => return Ok(()),
            (Some(set), Some(left)) if is_near(set, left) => return Ok(()),
            _ => {}
        }
        match way {
            READ => self.socket.set_read_timeout(wanted)?,
            _ => self.socket.set_write_timeout(wanted)?,
        }
        self.set[way] = wanted;
        Ok(())
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !std::mem::take(&mut self.has_answered) {
            self.socket.quick_ack();
        }
        self.set_timeout(READ)?;
        (&*self.socket).read(into).map_err(timed_out)
    }
}

impl Write for Timed {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.has_answered = true;
        self.set_timeout(WRITE)?;
        (&*self.socket).write(from).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
        _ => error,
    }
}
