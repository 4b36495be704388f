use std::io;
use std::process::{Child, Command};

/// Ends its child when it is dropped.
pub struct ChildGuard(Child);

impl ChildGuard {
    /// Starts the child.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        child.wait()?;
        Ok(Self(child))
    }
}

impl Drop for ChildGuard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
