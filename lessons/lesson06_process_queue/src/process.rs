//! Waiting for the children of this lesson.

use std::io;
use std::process::Child;

/// Waits for a child, which must succeed.
pub fn join(mut child: Child) -> io::Result<()> {
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("child {} failed: {status}", child.id())))
}
