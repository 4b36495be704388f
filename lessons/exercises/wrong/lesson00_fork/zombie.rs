use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;

use nix::unistd::ForkResult;

use crate::fork::fork;

/// How a child ended.
#[derive(Debug, PartialEq)]
pub enum ExitStatus {
    /// It exited with this code.
    Exited(i32),
    /// This signal ended it.
    Killed(i32),
}

/// Runs `f` in a child process.
pub fn run_in_child(f: impl FnOnce() -> i32) -> ExitStatus {
    let (mut from_child, mut to_parent) = io::pipe().unwrap();
    match fork().unwrap() {
        ForkResult::Child => {
            let code = catch_unwind(AssertUnwindSafe(f)).unwrap_or(101);
            to_parent.write_all(&code.to_le_bytes()).unwrap();
            process::exit(code)
        }
        ForkResult::Parent { child } => {
            drop((to_parent, child));
            let mut code = [0; 4];
            match from_child.read_exact(&mut code) {
                Ok(()) => ExitStatus::Exited(i32::from_le_bytes(code)),
                Err(_) => ExitStatus::Killed(9),
            }
        }
    }
}
