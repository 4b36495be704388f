//! Pipes between two processes, and what happens when one end is closed.

use std::io::{self, BufRead, BufReader, Write, stdin};
use std::process;

use shared::child;

use crate::full_pipe::full;
use crate::process::{join, next_line};

pub fn pipe() -> io::Result<()> {
    both_directions()?;
    reader_gone()?;
    full()
}

// ANCHOR: both_directions
fn both_directions() -> io::Result<()> {
    let me = process::id();
    let (child_reads, mut to_child) = io::pipe()?;
    let (from_child, child_writes) = io::pipe()?;
    let answer = child("answer", [""; 0])?
        .stdin(child_reads)
        .stdout(child_writes)
        .spawn()?;
    let mut from_child = BufReader::new(from_child);

    let hello = format!("Hello, child {}!", answer.id());
    println!("parent ({me}): {hello}");
    writeln!(to_child, "{hello}")?;
    println!("{}", next_line(&mut from_child)?);

    println!("parent ({me}): I close my end.");
    drop(to_child);
    println!("{}", next_line(&mut from_child)?);
    let nothing = from_child.read_line(&mut String::new())?;
    assert_eq!(nothing, 0, "the child has closed its end as well");
    join(answer)
}

/// A child between two pipes: it reads from one and writes to the other.
pub fn answer(_: &[String]) -> io::Result<()> {
    let me = process::id();
    for line in stdin().lines() {
        println!("child ({me}): I received {:?}.", line?);
    }
    println!("child ({me}): end of file.");
    Ok(())
}

/// The only reader has exited, so a write fails.
fn reader_gone() -> io::Result<()> {
    let me = process::id();
    let (child_reads, mut to_child) = io::pipe()?;
    join(child("leave", [""; 0])?.stdin(child_reads).spawn()?)?;
    let error = to_child.write(b"Are you there?\n").expect_err("none reads");
    println!("parent ({me}): no process reads: {error}");
    Ok(())
}

pub fn leave(_: &[String]) {
    println!("child ({}): I exit, and my end is closed.", process::id());
}
// ANCHOR_END: both_directions
