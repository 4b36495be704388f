//! Pipes between two processes, and what happens when one end is closed.

use std::io::{self, BufRead, BufReader, Write, stdin};
use std::process;

use shared::child;

use crate::full::full_pipe;
use crate::process::join;

pub fn pipe() -> io::Result<()> {
    both_directions()?;
    reader_gone()?;
    full_pipe()
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
    let mut answers = BufReader::new(from_child).lines();

    let hello = format!("Hello, child {}!", answer.id());
    println!("parent ({me}): {hello}");
    writeln!(to_child, "{hello}")?;
    println!("{}", answers.next().expect("the child answers")?);

    println!("parent ({me}): I close my end.");
    drop(to_child);
    println!("{}", answers.next().expect("the child notices it")?);
    assert!(answers.next().is_none(), "the child has closed its end as well");
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
