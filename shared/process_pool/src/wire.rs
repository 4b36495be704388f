//! Messages between the pool and a worker. Each begins with its length, a
//! `u64` whose lowest byte comes first:
//!
//! ```text
//! to a worker:    task's name, 0, arguments
//! from a worker:  kind (a byte), number (a u64), results or a text
//! ```
//!
//! The [`EMPTY`] message is a length alone: with it a worker says that it is
//! ready, and the pool asks a worker to return the tasks that it has not begun.

use std::io::{self, Read};

/// From a worker, which runs its tasks in the order of the requests.
pub enum Reply<'a> {
    /// The first task returned these results.
    Done { micros: u64, results: &'a [u8] },
    /// The first task failed.
    Failed(String),
    /// The worker has not begun so many tasks, the last ones.
    Returned(usize),
}

const LENGTH: usize = size_of::<u64>();

pub const EMPTY: [u8; LENGTH] = [0; LENGTH];

fn message(parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut message = Vec::with_capacity(LENGTH + length);
    message.extend((length as u64).to_le_bytes());
    parts.iter().for_each(|part| message.extend_from_slice(part));
    message
}

/// Reads one message into `message`, without its length.
pub fn read(from: &mut impl Read, message: &mut Vec<u8>) -> io::Result<()> {
    let mut length = [0; LENGTH];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u64::from_le_bytes(length));
    message.resize(length.map_err(io::Error::other)?, 0);
    from.read_exact(message)
}

pub fn request(task: &str, args: &[u8]) -> Vec<u8> {
    message(&[task.as_bytes(), &[0], args])
}

/// The name of the task and the arguments.
pub fn read_request(message: &[u8]) -> Option<(&str, &[u8])> {
    let end = message.iter().position(|byte| *byte == 0)?;
    let task = str::from_utf8(&message[..end]).ok()?;
    Some((task, &message[end + 1..]))
}

impl<'a> Reply<'a> {
    pub fn encode(&self) -> Vec<u8> {
        let (kind, number, bytes) = match self {
            Self::Done { micros, results } => (b'd', *micros, *results),
            Self::Failed(why) => (b'f', 0, why.as_bytes()),
            Self::Returned(count) => (b'r', *count as u64, &[][..]),
        };
        message(&[&[kind], &number.to_le_bytes(), bytes])
    }

    pub fn decode(message: &'a [u8]) -> io::Result<Self> {
        let parts = message.split_first();
        let parts = parts.and_then(|(kind, rest)| {
            let (number, bytes) = rest.split_first_chunk()?;
            Some((kind, u64::from_le_bytes(*number), bytes))
        });
        match parts {
            Some((b'd', micros, results)) => Ok(Self::Done { micros, results }),
            Some((b'f', _, why)) => {
                Ok(Self::Failed(String::from_utf8_lossy(why).into()))
            }
            Some((b'r', count, _)) => Ok(Self::Returned(count as usize)),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}
