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
        if std::thread::panicking() {
            return;
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
