//! Messages between the pool and a worker:
//!
//! ```text
//! length (u64, little-endian) | head | payload
//! ```
//!
//! The head is a [`Request`] or a [`Reply`], the payload the arguments or the
//! results of a task, in postcard's format. The [`EMPTY`] message has neither: with
//! it a worker says that it is ready, and the pool asks a worker to return the
//! tasks that it has not begun.

use std::io::{self, Read};

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

/// To a worker: run this task on the arguments in the payload.
#[derive(Serialize, Deserialize)]
pub struct Request<'a> {
    pub task: &'a str,
    pub count: usize,
}

/// From a worker, which runs its tasks in the order of the requests.
#[derive(Serialize, Deserialize)]
pub enum Reply {
    /// The first task returned; its results are the payload.
    Done { micros: u64 },
    /// The first task failed.
    Failed(String),
    /// The worker has not begun so many tasks, the last ones.
    Returned(usize),
}

const LENGTH: usize = size_of::<u64>();

pub const EMPTY: [u8; LENGTH] = [0; LENGTH];

pub fn encode(
    head: &impl Serialize,
    payload: &[u8],
) -> postcard::Result<Vec<u8>> {
    let mut message = Vec::with_capacity(64 + payload.len());
    message.extend([0; LENGTH]);
    message = postcard::to_extend(head, message)?;
    message.extend_from_slice(payload);
    let length = (message.len() - LENGTH) as u64;
    message[..LENGTH].copy_from_slice(&length.to_le_bytes());
    Ok(message)
}

/// Reads one message into `message`, without its length.
pub fn read(from: &mut impl Read, message: &mut Vec<u8>) -> io::Result<()> {
    let mut length = [0; LENGTH];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u64::from_le_bytes(length));
    message.resize(length.map_err(io::Error::other)?, 0);
    from.read_exact(message)
}

/// The head and the payload of a message.
pub fn decode<'a, H: Deserialize<'a>>(
    message: &'a [u8],
) -> io::Result<(H, &'a [u8])> {
    postcard::take_from_bytes(message).map_err(io::Error::other)
}

/// A payload. One serializer for all values is much faster than one for each.
pub fn serialize<T: Serialize>(
    values: impl Iterator<Item = postcard::Result<T>>,
) -> postcard::Result<Vec<u8>> {
    let about = values.size_hint().0 * size_of::<T>();
    let output = Payload(Vec::with_capacity(about));
    let mut serializer = postcard::Serializer { output };
    for value in values {
        value?.serialize(&mut serializer)?;
    }
    serializer.output.finalize()
}

struct Payload(Vec<u8>);

impl Flavor for Payload {
    type Output = Vec<u8>;

    #[inline(always)]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    /// A small number has up to four bytes; for so few, a call of `memcpy`
    /// takes five times as long as these.
    #[inline(always)]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        match *bytes {
            [a] => self.0.push(a),
            [a, b] => self.0.extend_from_slice(&[a, b]),
            [a, b, c] => self.0.extend_from_slice(&[a, b, c]),
            [a, b, c, d] => self.0.extend_from_slice(&[a, b, c, d]),
            _ => self.0.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

/// The `count` values of a payload.
pub fn deserialize<'a, T: Deserialize<'a>>(
    count: usize,
    payload: &'a [u8],
) -> postcard::Result<Vec<T>> {
    let mut deserializer = postcard::Deserializer::from_bytes(payload);
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        values.push(T::deserialize(&mut deserializer)?);
    }
    Ok(values)
}
