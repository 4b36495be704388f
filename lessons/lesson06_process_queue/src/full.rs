//! A queue or a pipe that is full blocks its writer.

use std::io::{self, BufRead, BufReader, PipeWriter, Write, stdin};
use std::process::{self, Stdio};

use rustix::io::{ioctl_fionbio, ioctl_fionread, write};
use shared::clock::at_pace;
use shared::{child, nap, timeline};
use wait_timeout::ChildExt;

use crate::process::join;
use crate::queue;

// ANCHOR: drain
/// Joins a child before its items are read: neither process can continue. The
/// timeout ends it.
pub fn drain() -> io::Result<()> {
    let (to_queue, mut from_queue) = queue::queue()?;
    let end = to_queue.for_child()?;
    let mut writer = child("put_many", ["Writer-4"])?.stdin(end).spawn()?;
    drop(to_queue);
    let status = writer.wait_timeout(at_pace(1.0))?;
    assert_eq!(status, None, "the writer is blocked");
    println!("The join timed out: the items are unread.");
    let mut items = 0;
    while from_queue.get()?.is_some() {
        items += 1;
    }
    join(writer)?;
    println!("After {items} items were read, the writer has exited.");
    Ok(())
}
// ANCHOR_END: drain

// ANCHOR: full_pipe
/// A full pipe, and a child that writes one more byte.
pub fn full_pipe() -> io::Result<()> {
    timeline::lane("parent");
    let me = process::id();
    let (mut from_child, mut to_parent) = io::pipe()?;
    let room = fill(&mut to_parent)?;
    println!("parent ({me}): the pipe is full after {room} bytes.");
    let mut writer = child("one_byte_more", [""; 0])?
        .stdin(to_parent)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = writer.stdout.take().expect("it is piped");
    let mut output = BufReader::new(output).lines();
    println!("{}", output.next().expect("the child writes")?);

    let working = timeline::working("does something else");
    nap(1.0);
    drop(working);
    let held = ioctl_fionread(&from_child)?;
    assert_eq!(held, room, "the write is blocked");

    println!("parent ({me}): I read.");
    let read = io::copy(&mut from_child, &mut io::sink())?;
    println!("{}", output.next().expect("there is room now")?);
    println!("parent ({me}): I have read {read} bytes.");
    join(writer)
}

/// Writes until the pipe is full, and returns how many bytes it holds.
fn fill(pipe: &mut PipeWriter) -> io::Result<u64> {
    ioctl_fionbio(&*pipe, true)?; // A full pipe is then an error.
    let mut room = 0;
    while let Ok(written) = pipe.write(&[0; 4096]) {
        room += written as u64;
    }
    ioctl_fionbio(&*pipe, false)?;
    Ok(room)
}

pub fn one_byte_more(_: &[String]) -> io::Result<()> {
    timeline::lane("child");
    let me = process::id();
    println!("child ({me}): one more byte...");
    let waiting = timeline::waiting("the pipe is full");
    write(stdin(), b"!")?; // Its standard input is the pipe.
    drop(waiting);
    println!("child ({me}): it is written.");
    Ok(())
}
// ANCHOR_END: full_pipe
