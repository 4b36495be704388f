//! `Drop` runs at the end of the scope, also when a panic ends it.

use std::io;
use std::process::{Child, Command};

/// Ends its child when it is dropped.
pub struct ChildGuard(Child);

impl ChildGuard {
    /// Starts the child.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        Ok(Self(command.spawn()?))
    }
}

impl Drop for ChildGuard {
    fn drop(&mut self) {
        // Both fail only if the child was waited for already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
