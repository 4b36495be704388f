use std::process::Command;

/// Runs all commands at the same time. Every command can be started.
pub fn run_all(commands: &mut [Command]) -> Vec<Option<i32>> {
    let children = commands.iter_mut().map(|it| it.spawn().unwrap());
    children.map(|mut child| child.wait().unwrap().code()).collect()
}
