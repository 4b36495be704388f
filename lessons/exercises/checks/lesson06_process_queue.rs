//! A real pipe with a large message, and pipes that pass one byte at a time or
//! close at any byte.

use std::io::{self, Read, Write};
use std::thread;

use super::answer::{receive, send};
use crate::patience::within;

const MESSAGES: [&[u8]; 3] = [b"first", b"", b"the third"];

pub fn check() -> Result<(), String> {
    let mut sent = Trickle::default();
    for message in MESSAGES {
        send(&mut sent, message).map_err(|error| error.to_string())?;
    }
    let expected = bytes();
    if sent.0 != expected {
        return Err(format!(
            "a pipe that accepts 2 bytes at a time: {} of {} bytes were sent",
            sent.0.len(),
            expected.len()
        ));
    }
    let stuck = "stuck: receive reads forever at the end of the pipe";
    within(stuck, || expect_messages(sent))??;
    // The pipe closes inside the third message, after each of its bytes.
    let whole = expected.len();
    for end in whole - 12..whole {
        expect_error(end)?;
    }
    within("stuck: a message of 1 MiB over a pipe", large)?
}

/// What is on the pipe.
fn bytes() -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in MESSAGES {
        bytes.extend((message.len() as u32).to_be_bytes());
        bytes.extend(message);
    }
    bytes
}

fn expect_messages(mut pipe: Trickle) -> Result<(), String> {
    for expected in MESSAGES {
        let expected = String::from_utf8_lossy(expected);
        let what = format!("one byte at a time: expected {expected:?}");
        match receive(&mut pipe) {
            Ok(Some(message)) if message == expected.as_bytes() => {}
            Ok(Some(message)) => {
                let message = String::from_utf8_lossy(&message);
                return Err(format!("{what}, got {message:?}"));
            }
            Ok(None) => return Err(format!("{what}, got the end")),
            Err(error) => return Err(format!("{what}, got {error}")),
        }
    }
    match receive(&mut pipe) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err("at the end: expected None, got a message".into()),
        Err(error) => Err(format!("at the end: expected None, got {error}")),
    }
}

fn expect_error(end: usize) -> Result<(), String> {
    let mut pipe = Trickle(bytes()[..end].into());
    let _ = receive(&mut pipe);
    let _ = receive(&mut pipe);
    let place = match bytes().len() - end {
        cut @ 0..=9 => format!("{} of 9 bytes of a message", 9 - cut),
        cut => format!("{} of 4 bytes of a length", 13 - cut),
    };
    match receive(&mut pipe) {
        Err(_) => Ok(()),
        Ok(None) => Err(format!("closed after {place}: taken for the end")),
        Ok(Some(_)) => Err(format!("closed after {place}: got a message")),
    }
}

/// The system passes it in parts.
fn large() -> Result<(), String> {
    let (mut receiver, mut sender) = io::pipe().expect("a pipe");
    let message = b"0123456789abcdef".repeat(1024 * 1024 / 16);
    let sent = message.clone();
    let thread = thread::spawn(move || send(&mut sender, &sent));
    let received = receive(&mut receiver).map_err(|error| error.to_string())?;
    drop(receiver);
    let _ = thread.join();
    if received.as_ref() == Some(&message) {
        return Ok(());
    }
    let size = received.map_or(0, |received| received.len());
    Err(format!("a message of {} bytes: got {size}", message.len()))
}

/// A pipe that accepts two bytes at a time, and returns one.
#[derive(Default)]
struct Trickle(Vec<u8>);

impl Write for Trickle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let accepted = bytes.len().min(2);
        self.0.extend(&bytes[..accepted]);
        Ok(accepted)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() || buffer.is_empty() {
            return Ok(0);
        }
        buffer[0] = self.0.remove(0);
        Ok(1)
    }
}
