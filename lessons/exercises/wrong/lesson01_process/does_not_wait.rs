use std::process::Command;

/// Runs all commands at the same time. Every command can be started.
pub fn run_all(commands: &mut [Command]) -> Vec<Option<i32>> {
    let start = |command: &mut Command| command.spawn().unwrap();
    let mut children: Vec<_> = commands.iter_mut().map(start).collect();
    let codes = children.iter_mut().map(|child| {
        let status = child.try_wait().unwrap();
        status.and_then(|status| status.code())
    });
    codes.collect()
}
