//! The ways that a message takes from a child to its parent. Each function
//! returns messages a second, from the first to the last.

use std::fs::File;
use std::io::{self, BufReader, IoSlice, Read, Write, stdin};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use harness::bench::rate;
use shared::child;

use crate::queue::{Writer, queue};
use crate::ring::Ring;

/// The child's side of every way: its end is its standard input.
pub fn send(args: &[String]) -> io::Result<()> {
    let number = |i: usize| args[i].parse().expect("a number");
    let size: usize = number(1);
    let count: usize = number(2);
    let message = vec![b'x'; size];
    let end = stdin().as_fd().try_clone_to_owned()?;
    match args[0].as_str() {
        "queue" => {
            let mut queue = Writer::new(end)?;
            (0..count).try_for_each(|_| queue.put(&message))
        }
        "stream" => {
            let mut stream = File::from(end);
            (0..count).try_for_each(|_| put(&mut stream, &message))
        }
        "ring" => {
            let mut ring = Ring::new(end, size)?;
            (0..count).for_each(|_| ring.put(&message));
            Ok(())
        }
        _ => {
            let mut pipe = File::from(end);
            (0..count).try_for_each(|_| pipe.write_all(&message))
        }
    }
}

/// The length and the message, in one piece.
fn put(stream: &mut File, message: &[u8]) -> io::Result<()> {
    let length = (message.len() as u32).to_ne_bytes();
    let parts = [IoSlice::new(&length), IoSlice::new(message)];
    let written = stream.write_vectored(&parts)?;
    assert_eq!(written, length.len() + message.len(), "it waits for room");
    Ok(())
}

pub fn by_queue(size: usize, count: usize) -> f64 {
    let (to_queue, mut from_queue) = queue().expect("a queue");
    let end = to_queue.for_child().expect("its end");
    drop(to_queue);
    receive("queue", size, count, end, || {
        let message = from_queue.get()?.expect("there are more");
        assert_eq!(message.len(), size);
        Ok(())
    })
}

pub fn by_pipe(size: usize, count: usize) -> f64 {
    let (pipe, end) = io::pipe().expect("a pipe");
    by_stream(pipe, end, size, count)
}

pub fn by_sockets(size: usize, count: usize) -> f64 {
    let (socket, end) = UnixStream::pair().expect("a pair");
    by_stream(socket, OwnedFd::from(end), size, count)
}

fn by_stream(
    from: impl Read,
    end: impl Into<Stdio>,
    size: usize,
    count: usize,
) -> f64 {
    let mut from = BufReader::new(from);
    let mut message = Vec::new();
    receive("stream", size, count, end, || {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        message.resize(u32::from_ne_bytes(length) as usize, 0);
        from.read_exact(&mut message)
    })
}

pub fn by_ring(size: usize, count: usize) -> f64 {
    let file = Ring::file(size).expect("a file");
    let same = file.try_clone().expect("the same file");
    let mut ring = Ring::new(same.into(), size).expect("it is mapped");
    let mut message = vec![0; size];
    receive("ring", size, count, file, || {
        ring.get(&mut message);
        Ok(())
    })
}

/// Bytes as they arrive, without the ends of messages.
pub fn by_raw_pipe(size: usize, count: usize) -> f64 {
    let (mut pipe, end) = io::pipe().expect("a pipe");
    let mut bytes = vec![0; 64 * 1024];
    let mut unread = 0;
    receive("raw pipe", size, count, end, || {
        while unread < size {
            unread += pipe.read(&mut bytes)?;
        }
        unread -= size;
        Ok(())
    })
}

/// Puts messages into a ring and gets them, in one process that never waits.
pub fn copy_twice(size: usize, count: usize) -> f64 {
    let file = Ring::file(size).expect("a file");
    let mut ring = Ring::new(file.into(), size).expect("it is mapped");
    let mut message = vec![b'x'; size];
    rate(count, || {
        for _ in 0..count {
            ring.put(&message);
            ring.get(&mut message);
        }
    })
}

/// Starts a child that sends, and receives.
fn receive(
    way: &str,
    size: usize,
    count: usize,
    end: impl Into<Stdio>,
    mut get: impl FnMut() -> io::Result<()>,
) -> f64 {
    let args = [way.to_string(), size.to_string(), count.to_string()];
    let mut sender = child("send", args).expect("this program");
    let mut sender = sender.stdin(end).spawn().expect("it starts");
    get().expect("the first message");
    let rate = rate(count - 1, || {
        for _ in 1..count {
            get().expect("a message");
        }
    });
    assert!(sender.wait().expect("it is our child").success());
    rate
}
