//! One loop starts all children, and a second loop waits for them.

use std::process::Command;

/// Runs all commands at the same time. Every command can be started.
pub fn run_all(commands: &mut [Command]) -> Vec<Option<i32>> {
    let mut children = Vec::new();
    for command in commands {
        children.push(command.spawn().unwrap());
    }
    let mut codes = Vec::new();
    for mut child in children {
        codes.push(child.wait().unwrap().code());
    }
    codes
}
