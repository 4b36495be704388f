//! What goes over the wire: values as bytes, and bytes in frames.
//!
//! ```text
//! length (u64) | kind (u8) | id (u64) | body (length bytes)
//! ```
//!
//! All numbers are little-endian. The body of a `Task` is how many arguments
//! it has (u64), the name of its function, and the arguments; that of a `Done`
//! is how long it took (u64, microseconds) and the results.

use std::io::{self, Read};

/// A value that can be sent to another process.
pub trait Bytes: Sized {
    /// Appends the value to `out`.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes a value off the front of `bytes`; `None` when there is none.
    fn take(bytes: &mut &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Bytes for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                let (head, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(Self::from_le_bytes(*head))
            }
        }
    )*};
}

numbers!(u16, u32, u64, f64);

impl Bytes for () {
    fn put(&self, _: &mut Vec<u8>) {}

    fn take(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl Bytes for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_text(self, out);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_text(bytes).map(String::from)
    }
}

impl<A: Bytes, B: Bytes> Bytes for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::take(bytes)?, B::take(bytes)?))
    }
}

/// Appends a text: its length, and its bytes.
pub fn put_text(text: &str, out: &mut Vec<u8>) {
    (text.len() as u64).put(out);
    out.extend_from_slice(text.as_bytes());
}

/// Takes a text off the front of `bytes`.
pub fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(u64::take(bytes)?).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    str::from_utf8(text).ok()
}

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To a worker: run this.
    Task,
    /// From a worker: I am here. The id is its pid.
    Hello,
    /// From a worker: the results of a task.
    Done,
    /// From a worker: the task failed. The body says why.
    Failed,
    /// From a worker: I have not begun this task, take it back.
    Returned,
}

const KINDS: [Kind; 5] =
    [Kind::Task, Kind::Hello, Kind::Done, Kind::Failed, Kind::Returned];

const HEAD: usize = 8 + 1 + 8;

/// Makes a frame; `body` appends what is in it.
pub fn frame(kind: Kind, id: u64, body: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut frame = vec![0; 8];
    frame.push(kind as u8);
    id.put(&mut frame);
    body(&mut frame);
    let length = (frame.len() - HEAD) as u64;
    frame[..8].copy_from_slice(&length.to_le_bytes());
    frame
}

/// Reads a frame: its kind, its id, and its body into `body`.
///
/// # Errors
///
/// At the end of the stream, and when what comes is no frame.
pub fn read(
    from: &mut impl Read,
    body: &mut Vec<u8>,
) -> io::Result<(Kind, u64)> {
    let mut head = [0; HEAD];
    from.read_exact(&mut head)?;
    let head = &mut &head[..];
    let length = u64::take(head).expect("the head begins with eight bytes");
    let (kind, rest) = head.split_first().expect("then comes the kind");
    let id = u64::take(&mut &rest[..]).expect("then come eight bytes");
    let kind = KINDS.into_iter().find(|k| *k as u8 == *kind);
    let kind = kind.ok_or_else(|| io::Error::other("this is no frame"))?;
    let length = usize::try_from(length).map_err(io::Error::other)?;
    body.resize(length, 0);
    from.read_exact(body)?;
    Ok((kind, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: Bytes + PartialEq + std::fmt::Debug>(value: T) {
        let mut bytes = Vec::new();
        value.put(&mut bytes);
        let mut rest = &bytes[..];
        assert_eq!(T::take(&mut rest), Some(value));
        assert!(rest.is_empty(), "all of it was read");
        if let Some(cut) = bytes.len().checked_sub(1) {
            assert_eq!(T::take(&mut &bytes[..cut]), None, "cut short");
        }
    }

    #[test]
    fn values_come_back_as_they_were() {
        for n in [0, 1, 0xff, 0x1234_5678, u64::MAX] {
            there_and_back(n);
            there_and_back(n as u32);
            there_and_back((n as u16, n as f64));
        }
        for text in ["", "poison", "两点水", "a\0b\n"] {
            there_and_back(text.to_string());
            there_and_back((text.to_string(), 7_u32));
        }
        there_and_back(());
    }

    #[test]
    fn what_is_no_text_is_not_taken_for_one() {
        let not_utf8 = [1, 0, 0, 0, 0, 0, 0, 0, 0xff];
        assert_eq!(take_text(&mut &not_utf8[..]), None);
        let endless = [0xff; 9];
        assert_eq!(take_text(&mut &endless[..]), None);
    }

    /// Hands out one byte at a time, as a slow pipe does.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(1);
            self.0.read(&mut into[..length])
        }
    }

    #[test]
    fn frames_come_out_whole_and_in_order() {
        let sizes = [0, 1, 7, 300, 70_000];
        let body = |size: usize| (0..size).map(|i| i as u8);
        let frames = sizes.into_iter().zip(KINDS);
        let stream: Vec<_> = frames
            .clone()
            .flat_map(|(n, kind)| frame(kind, n as u64, |b| b.extend(body(n))))
            .collect();
        let mut slow = Drops(&stream);
        let mut read_body = vec![9; 10];
        for (size, kind) in frames {
            let head = read(&mut slow, &mut read_body).expect("a frame");
            assert_eq!(head, (kind, size as u64));
            assert!(read_body.iter().copied().eq(body(size)));
        }
        assert!(read(&mut slow, &mut read_body).is_err(), "the end");
    }

    #[test]
    fn a_frame_cut_short_is_an_error_and_so_is_nonsense() {
        let whole = frame(Kind::Done, 1, |body| body.extend([1, 2, 3]));
        for cut in 0..whole.len() {
            assert!(read(&mut &whole[..cut], &mut Vec::new()).is_err());
        }
        let nonsense = [0; 8].into_iter().chain([99]).chain([0; 8]);
        let nonsense: Vec<u8> = nonsense.collect();
        assert!(read(&mut &nonsense[..], &mut Vec::new()).is_err());
    }
}
