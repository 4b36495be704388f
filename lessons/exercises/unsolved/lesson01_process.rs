//! # Exercise 1: start children and collect their exit codes
//!
//! Write `run_all`: it starts every command, waits for every child, and returns
//! their exit codes in the order of the commands.
//!
//! - The children run at the same time.
//! - A child that a signal ended has no exit code: `None`.
//! - No zombie is left.
//!
//! Check it: `cargo test -p exercises lesson01`

use std::process::Command;

/// Runs all commands at the same time. Every command can be started.
pub fn run_all(commands: &mut [Command]) -> Vec<Option<i32>> {
    todo!()
}
