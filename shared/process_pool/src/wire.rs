//! Messages between the pool and a worker:
//!
//! ```text
//! length (u64, little-endian) | head | payload
//! ```
//!
//! The head is a [`Request`] or a [`Reply`], the payload the arguments or the
//! results of a task. All of them are in postcard's format.

use std::io::{self, Read};

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

/// To a worker: run this task on the arguments in the payload.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request<'a> {
    pub id: u64,
    pub task: &'a str,
    pub count: usize,
}

/// From a worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The worker is ready.
    Started,
    /// The task returned; its results are the payload.
    Done { id: u64, micros: u64 },
    /// The task failed.
    Failed { id: u64, message: String },
    /// The worker has not begun this task and gives it back.
    Returned { id: u64 },
}

const LENGTH: usize = size_of::<u64>();

/// A message; `payload` appends to it.
pub fn encode(
    head: &impl Serialize,
    payload: impl FnOnce(Vec<u8>) -> postcard::Result<Vec<u8>>,
) -> postcard::Result<Vec<u8>> {
    let mut message = payload(postcard::to_extend(head, vec![0; LENGTH])?)?;
    let length = (message.len() - LENGTH) as u64;
    message[..LENGTH].copy_from_slice(&length.to_le_bytes());
    Ok(message)
}

/// Appends serialized values to `out`. One serializer for all of them is much
/// faster than a `postcard::to_extend` for each.
pub fn append<T: Serialize>(
    values: impl Iterator<Item = T>,
    out: Vec<u8>,
) -> postcard::Result<Vec<u8>> {
    let mut serializer = postcard::Serializer { output: Append(out) };
    for value in values {
        value.serialize(&mut serializer)?;
    }
    Ok(serializer.output.0)
}

struct Append(Vec<u8>);

impl Flavor for Append {
    type Output = Vec<u8>;

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
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
