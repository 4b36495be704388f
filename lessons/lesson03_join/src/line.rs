//! The line between a parent and its child: one pipe.

use std::io::{self, PipeWriter};
use std::process::{self, Child};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// Starts a child on a line: what the parent writes to it, the child reads on
/// its standard input. The line is cut when the parent ends, however it ends.
pub fn start(role: &str, args: &[&str]) -> io::Result<(Child, PipeWriter)> {
    let (input, line) = io::pipe()?;
    let child = shared::child(role, args)?.stdin(input).spawn()?;
    Ok((child, line))
}

/// The child's end of the line. This process ends when it is cut.
pub fn to_parent() -> Receiver<String> {
    let (tell, said) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            let _ = tell.send(line); // Not every child listens.
        }
        process::exit(1);
    });
    said
}
