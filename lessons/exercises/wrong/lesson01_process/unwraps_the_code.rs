use std::process::Command;

/// Runs all commands at the same time. Every command can be started.
pub fn run_all(commands: &mut [Command]) -> Vec<Option<i32>> {
    let start = |command: &mut Command| command.spawn().unwrap();
    let children: Vec<_> = commands.iter_mut().map(start).collect();
    let codes = children
        .into_iter()
        .map(|mut child| Some(child.wait().unwrap().code().unwrap()));
    codes.collect()
}
