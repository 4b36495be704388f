//! Pipes: two ends, and what happens when one of them is gone, or slow.

use std::fs::File;
use std::io::{self, BufRead, BufReader, PipeWriter, Write, stdin};
use std::process::{self, Stdio};

use rustix::io::{ioctl_fionbio, ioctl_fionread};
use shared::{child, nap, timeline};

use crate::process::{join, standard_input};

pub fn pipe() -> io::Result<()> {
    both_directions()?;
    nobody_reads()?;
    full()
}

// ANCHOR: both_directions
fn both_directions() -> io::Result<()> {
    let me = process::id();
    let (hears, mut to_child) = io::pipe()?;
    let (from_child, says) = io::pipe()?;
    let answer = child("answer", [""; 0])?.stdin(hears).stdout(says).spawn()?;
    let mut from_child = BufReader::new(from_child);

    let hello = format!("Hello, child {}!", answer.id());
    println!("parent ({me}): {hello}");
    writeln!(to_child, "{hello}")?;
    println!("{}", next_line(&mut from_child)?);

    println!("parent ({me}): I close my end.");
    drop(to_child);
    println!("{}", next_line(&mut from_child)?);
    let nothing = from_child.read_line(&mut String::new())?;
    assert_eq!(nothing, 0, "the child has closed its end, too");
    join(answer)
}

/// A child between two pipes: it hears on one, and answers on the other.
pub fn answer(_: &[String]) -> io::Result<()> {
    let me = process::id();
    for line in stdin().lines() {
        println!("child ({me}): I heard {:?}.", line?);
    }
    println!("child ({me}): end of file.");
    Ok(())
}

/// The only reader has left: there is no end to write to.
fn nobody_reads() -> io::Result<()> {
    let me = process::id();
    let (hears, mut to_child) = io::pipe()?;
    join(child("leave", [""; 0])?.stdin(hears).spawn()?)?;
    match to_child.write(b"Are you there?\n") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            println!("parent ({me}): nobody reads: {error}");
            Ok(())
        }
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::other("somebody still has the reading end")),
    }
}

pub fn leave(_: &[String]) {
    println!("child ({}): I leave, and my end goes with me.", process::id());
}

// ANCHOR_END: both_directions

// ANCHOR: full
/// A pipe that is full, and a child that wants to write one byte more.
fn full() -> io::Result<()> {
    timeline::lane("parent");
    let me = process::id();
    let (mut from_child, mut to_parent) = io::pipe()?;
    let room = fill(&mut to_parent)?;
    println!("parent ({me}): the pipe is full after {room} bytes.");
    let mut writer = child("one_byte_more", [""; 0])?
        .stdin(to_parent)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut says = BufReader::new(writer.stdout.take().expect("piped"));
    println!("{}", next_line(&mut says)?);

    let working = timeline::working("does something else");
    nap(1.0);
    drop(working);
    let more = says.buffer().len() as u64 + ioctl_fionread(says.get_ref())?;
    assert_eq!(more, 0, "it cannot have written, and waits");

    println!("parent ({me}): I read.");
    let read = io::copy(&mut from_child, &mut io::sink())?;
    println!("{}", next_line(&mut says)?);
    println!("parent ({me}): I have read {read} bytes.");
    join(writer)
}

/// Writes until the pipe is full, and returns how many bytes that were.
fn fill(pipe: &mut PipeWriter) -> io::Result<usize> {
    ioctl_fionbio(&*pipe, true)?; // Full is an error for once, not a wait.
    let mut room = 0;
    let full = loop {
        match pipe.write(&[0; 4096]) {
            Ok(written) => room += written,
            Err(error) => break error,
        }
    };
    ioctl_fionbio(&*pipe, false)?;
    if full.kind() == io::ErrorKind::WouldBlock { Ok(room) } else { Err(full) }
}

pub fn one_byte_more(_: &[String]) -> io::Result<()> {
    timeline::lane("child");
    let me = process::id();
    let mut pipe = File::from(standard_input()?);
    println!("child ({me}): one byte more...");
    let waiting = timeline::waiting("the pipe is full");
    pipe.write_all(b"!")?;
    drop(waiting);
    println!("child ({me}): it is through.");
    Ok(())
}
// ANCHOR_END: full

fn next_line(says: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match says.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().into()),
    }
}
