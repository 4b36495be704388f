//! Frames: a length, and as many bytes.
//!
//! ```text
//! length (i32, big-endian) | body
//! -1 (i32) | length (u64, big-endian) | body     above 0x7fffffff bytes
//! ```

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};

/// The longest frame of the handshake.
pub const MAX_HANDSHAKE: usize = 256;

/// So much memory is taken for a frame before its bytes are there.
const FIRST: u64 = 4096;

/// A frame that was longer than the limit. Its bytes were read and dropped,
/// so that the next frame can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// How many bytes it had.
    pub length: u64,
    /// How many were allowed.
    pub limit: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { length, limit } = self;
        write!(f, "a message of {length} bytes (the limit is {limit})")
    }
}

/// Reads a frame of at most `max` bytes; `None` at the end of the stream.
/// Memory is taken as the bytes arrive, not as they are announced.
///
/// # Errors
///
/// When the stream ends within the frame, and when the frame is too long.
///
/// ```
/// use pymanagers::frame::{read_frame, write_frame};
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
    let Some(length) = read_length(from)? else {
        return Ok(None);
    };
    if length > max as u64 {
        return Err(not_a_frame());
    }
    read_body(from, length).map(Some)
}

/// Reads a frame as [`read_frame`] does; one that is too long is passed over,
/// and the stream is at the next frame then.
///
/// # Errors
///
/// When the stream ends within the frame.
///
/// ```
/// use pymanagers::frame::{TooLong, read_or_skip};
///
/// let mut stream = &b"\0\0\0\x05hello\0\0\0\x02ok"[..];
/// let long = TooLong { length: 5, limit: 4 };
/// assert_eq!(read_or_skip(&mut stream, 4)?, Some(Err(long)));
/// assert_eq!(read_or_skip(&mut stream, 4)?, Some(Ok(b"ok".to_vec())));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read_or_skip(
    from: &mut impl Read,
    limit: usize,
) -> io::Result<Option<Result<Vec<u8>, TooLong>>> {
    let Some(length) = read_length(from)? else {
        return Ok(None);
    };
    if length > limit as u64 {
        let skipped = io::copy(&mut from.take(length), &mut io::sink())?;
        return match skipped == length {
            true => Ok(Some(Err(TooLong { length, limit }))),
            false => Err(ErrorKind::UnexpectedEof.into()),
        };
    }
    Ok(Some(Ok(read_body(from, length)?)))
}

fn read_length(from: &mut impl Read) -> io::Result<Option<u64>> {
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
    match i32::from_be_bytes(head) {
        -1 => {
            let mut long = [0; 8];
            from.read_exact(&mut long)?;
            Ok(Some(u64::from_be_bytes(long)))
        }
        length => u64::try_from(length).map(Some).map_err(|_| not_a_frame()),
    }
}

fn read_body(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(length.min(FIRST) as usize);
    from.take(length).read_to_end(&mut body)?;
    match body.len() as u64 == length {
        true => Ok(body),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn not_a_frame() -> io::Error {
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
            let read = read_frame(&mut &head[..], MAX_HANDSHAKE);
            assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }
}
