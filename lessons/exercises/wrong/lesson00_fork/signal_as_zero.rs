use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;

use nix::sys::wait::{WaitStatus, waitpid};
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
    match fork().unwrap() {
        ForkResult::Child => {
            let code = catch_unwind(AssertUnwindSafe(f)).unwrap_or(101);
            process::exit(code)
        }
        ForkResult::Parent { child } => match waitpid(child, None).unwrap() {
            WaitStatus::Exited(_, code) => ExitStatus::Exited(code),
            _ => ExitStatus::Exited(0),
        },
    }
}
