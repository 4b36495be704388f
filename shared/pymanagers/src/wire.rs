//! Frames: a length, and as many bytes.
//!
//! ```text
//! length (i32, big-endian) | body
//! -1 (i32) | length (u64, big-endian) | body     above 0x7fffffff bytes
//! ```

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

/// The longest frame that is read once both sides know each other.
pub const MAX_FRAME: usize = 16 << 20;

/// The longest frame of the handshake.
pub const MAX_GREETING: usize = 256;

/// So much memory is taken for a frame before its bytes are there.
const FIRST: u64 = 4096;

/// Reads a frame of at most `max` bytes; `None` at the end of the stream.
/// Memory is taken as the bytes arrive, not as they are announced.
///
/// # Errors
///
/// When the stream ends within the frame, and when the frame is too long.
///
/// ```
/// use pymanagers::wire::{read_frame, write_frame};
///
/// let mut stream = Vec::new();
/// write_frame(&mut stream, b"hello")?;
/// assert_eq!(stream, b"\0\0\0\x05hello");
/// let mut stream = &stream[..];
/// assert_eq!(read_frame(&mut stream, 9)?, Some(b"hello".to_vec()));
/// assert_eq!(read_frame(&mut stream, 9)?, None);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read_frame(
    from: &mut impl Read,
    max: usize,
) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    let mut first = 0;
    while first == 0 {
        match from.read(&mut head) {
            Ok(0) => return Ok(None),
            Ok(some) => first = some,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    from.read_exact(&mut head[first..])?;
    let length = match i32::from_be_bytes(head) {
        -1 => {
            let mut long = [0; 8];
            from.read_exact(&mut long)?;
            u64::from_be_bytes(long)
        }
        length => u64::try_from(length).map_err(|_| no_frame())?,
    };
    if length > max as u64 {
        return Err(no_frame());
    }
    let mut body = Vec::with_capacity(length.min(FIRST) as usize);
    from.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(body))
}

fn no_frame() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "a frame that is none, or too long")
}

/// Writes a frame, all of it in one piece: two small writes in a row would
/// wait for the other side's acknowledgement in between.
///
/// # Errors
///
/// When the stream does not take it.
pub fn write_frame(to: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let mut frame = Vec::with_capacity(12 + body.len());
    match i32::try_from(body.len()) {
        Ok(length) => frame.extend(length.to_be_bytes()),
        Err(_) => {
            frame.extend((-1_i32).to_be_bytes());
            frame.extend((body.len() as u64).to_be_bytes());
        }
    }
    frame.extend(body);
    to.write_all(&frame)?;
    to.flush()
}

/// A connection, and until when it must have said something.
#[derive(Debug)]
pub struct Wire(BufReader<Socket>);

#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    deadline: Option<Instant>,
    /// What the system knows: how long a read may take.
    timeout: Option<Duration>,
    /// Whether we have written something since the last read.
    has_answered: bool,
}

/// A peer whose machine is switched off says nothing, not even good-bye: the
/// system asks after a minute of silence, and gives up after two.
const SILENCE: Duration = Duration::from_secs(60);
const ASK_AGAIN: Duration = Duration::from_secs(15);

impl Wire {
    /// Takes a connection over.
    ///
    /// # Errors
    ///
    /// When the system refuses its options.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let keep_alive =
            TcpKeepalive::new().with_time(SILENCE).with_interval(ASK_AGAIN);
        SockRef::from(&stream).set_tcp_keepalive(&keep_alive)?;
        let (deadline, timeout, has_answered) = (None, None, true);
        let socket = Socket { stream, deadline, timeout, has_answered };
        Ok(Self(BufReader::new(socket)))
    }

    /// From now on every read must be done by then.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.0.get_mut().deadline = Some(deadline);
    }

    /// From now on a read may take so long, or up to twice as long, as the
    /// system is only told when it makes a difference; `None`: as long as it
    /// takes.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_patience(&mut self, time: Option<Duration>) -> io::Result<()> {
        let socket = self.0.get_mut();
        socket.deadline = None;
        match (time, socket.timeout) {
            (Some(new), Some(old)) if (new..=new * 2).contains(&old) => Ok(()),
            _ => socket.set_timeout(time),
        }
    }

    /// The connection itself.
    pub fn stream(&self) -> &TcpStream {
        &self.0.get_ref().stream
    }
}

impl Drop for Wire {
    /// Also for whoever has a second handle of the connection.
    fn drop(&mut self) {
        let _ = self.stream().shutdown(Shutdown::Both);
    }
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl BufRead for Wire {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl Write for Wire {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let socket = self.0.get_mut();
        socket.has_answered = true;
        socket.stream.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Socket {
    fn set_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        if self.timeout != timeout {
            self.stream.set_read_timeout(timeout)?;
            self.timeout = timeout;
        }
        Ok(())
    }
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !std::mem::take(&mut self.has_answered) {
            quick_ack(&self.stream);
        }
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.set_timeout(Some(left))?;
        }
        self.stream.read(into).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}

/// CPython sometimes writes twice in a row, and its system waits for our
/// acknowledgement between the two. An answer would carry it; as there is none,
/// ours keeps it back for 40 ms, unless it is asked to send it at once.
#[cfg(target_os = "linux")]
fn quick_ack(stream: &TcpStream) {
    use std::os::linux::net::TcpStreamExt;
    let _ = stream.set_quickack(true);
}

#[cfg(not(target_os = "linux"))]
fn quick_ack(_: &TcpStream) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time, as a slow peer does.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(1);
            self.0.read(&mut into[..length])
        }
    }

    #[test]
    fn frames_come_out_whole_and_in_order() {
        let bodies = [0, 1, 255, 16_384, 70_000].map(|n| vec![b'x'; n]);
        let mut stream = Vec::new();
        for body in &bodies {
            write_frame(&mut stream, body).unwrap();
        }
        let mut slow = Drops(&stream);
        for body in bodies {
            assert_eq!(read_frame(&mut slow, 70_000).unwrap(), Some(body));
        }
        assert_eq!(read_frame(&mut slow, 70_000).unwrap(), None);
    }

    #[test]
    fn a_long_length_is_read_as_well() {
        let long = b"\xff\xff\xff\xff\0\0\0\0\0\0\0\x02ab";
        let body = read_frame(&mut &long[..], 2).unwrap();
        assert_eq!(body, Some(b"ab".to_vec()));
    }

    #[test]
    fn a_frame_cut_short_is_an_error() {
        for whole in [&b"\0\0\0\x02ab"[..], b"\xff\xff\xff\xff\0\0\0\0\0\0\0\0"]
        {
            for cut in 1..whole.len() {
                let read = read_frame(&mut &whole[..cut], 9);
                assert_eq!(read.unwrap_err().kind(), ErrorKind::UnexpectedEof);
            }
        }
    }

    #[test]
    fn what_is_too_long_is_refused_before_it_comes() {
        for head in [
            &b"\0\0\x01\x01"[..],
            b"\x7f\xff\xff\xff",
            b"\x80\0\0\0",
            b"\xff\xff\xff\xfe",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            let read = read_frame(&mut &head[..], MAX_GREETING);
            assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }
}
