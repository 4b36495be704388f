//! # Exercise 0: run a function in a child process
//!
//! Write `run_in_child`: it forks, the child calls `f` and exits with the code
//! that `f` returns, and the parent returns how the child ended.
//!
//! - The parent waits for the child: no zombie is left.
//! - Only the parent returns. The child exits inside `run_in_child`, also when
//!   `f` panics: with code 101.
//! - A child that a signal ended has no exit code.
//!
//! `crate::fork::fork` is the safe `fork` of lesson 0, and `nix::sys::wait` has
//! `waitpid`.
//!
//! Check it: `cargo test -p exercises lesson00`

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
    todo!()
}
