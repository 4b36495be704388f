//! What the children of this lesson have in common.

use std::io::{self, BufRead, stdin};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Child;

/// A child's standard input, which is one end of a queue or a pipe.
pub fn standard_input() -> io::Result<OwnedFd> {
    stdin().as_fd().try_clone_to_owned()
}

/// Waits for a child, which must succeed.
pub fn join(mut child: Child) -> io::Result<()> {
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    let pid = child.id();
    Err(io::Error::other(format!("child {pid} failed: {status}")))
}

/// The next line, which must come.
pub fn next_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match from.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().into()),
    }
}
