//! Children that would never end by themselves.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::wait::{WaitPidFlag, waitpid};

use super::answer::ChildGuard;
use crate::patience::within;

pub fn check() -> Result<(), String> {
    expect_end("at the end of the scope", "read forever", drop)?;
    let panic = |_guard| panic!("the owner of the guard panics");
    expect_end("after a panic", "read forever", panic)?;
    expect_end("if the child has ended by itself", "exit 0", drop)
}

/// Starts a child that says hello and then runs `script`.
fn expect_end(
    when: &str,
    script: &str,
    end: fn(ChildGuard),
) -> Result<(), String> {
    let (input, _forever) = io::pipe().expect("a pipe");
    let (mut from_child, output) = io::pipe().expect("a pipe");
    let mut command = Command::new("sh");
    command.args(["-c", &format!("echo; {script}")]);
    command.stdin(input).stdout(output).stderr(Stdio::null());
    let stuck = "stuck: the guard waits for a child that still runs";
    let from_child = within(stuck, move || {
        let guard = ChildGuard::spawn(&mut command).expect("sh starts");
        drop(command);
        from_child.read_exact(&mut [0]).expect("the child says hello");
        let _ = catch_unwind(AssertUnwindSafe(|| end(guard)));
        from_child
    })?;
    if waitpid(None, Some(WaitPidFlag::WNOHANG)) == Err(Errno::ECHILD) {
        return Ok(());
    }
    // The child is still there. If it is dead, its end of the pipe is closed.
    let mut closed = [PollFd::new(from_child.as_fd(), PollFlags::POLLIN)];
    Err(match poll(&mut closed, 1000_u16) {
        Ok(1) => format!("{when}, a zombie is left: it was not waited for"),
        _ => format!("{when}, the child still runs"),
    })
}
