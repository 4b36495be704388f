//! Children that exit, panic and are killed; each must be waited for.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process;

use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::waitpid;

use super::answer::{ExitStatus, run_in_child};

pub fn check() -> Result<(), String> {
    expect("returned 0", || 0, ExitStatus::Exited(0))?;
    expect("returned 7", || 7, ExitStatus::Exited(7))?;
    expect("returned 5 after a while", busy(), ExitStatus::Exited(5))?;
    expect("panicked", || panic!("in the child"), ExitStatus::Exited(101))?;
    let kill_it = || {
        raise(Signal::SIGKILL).expect("a signal to itself");
        0
    };
    expect("was killed by signal 9", kill_it, ExitStatus::Killed(9))
}

/// It runs for a moment while the parent is in `run_in_child`: the parent's
/// copy of the pipe is closed when that returns.
fn busy() -> impl FnOnce() -> i32 {
    let (from_parent, to_child) = io::pipe().expect("a pipe");
    move || {
        drop(to_child);
        let mut closed = [PollFd::new(from_parent.as_fd(), PollFlags::POLLIN)];
        poll(&mut closed, 200_u8).expect("it waits");
        5
    }
}

fn expect(
    what: &str,
    f: impl FnOnce() -> i32,
    expected: ExitStatus,
) -> Result<(), String> {
    let ended = run(f)?;
    if ended == expected {
        return Ok(());
    }
    Err(format!("a child {what}: expected {expected:?}, got {ended:?}"))
}

/// Calls the answer, and looks after what it leaves behind.
fn run(f: impl FnOnce() -> i32) -> Result<ExitStatus, String> {
    let parent = process::id();
    let (mut from_child, mut to_parent) = io::pipe().expect("a pipe");
    let ended = catch_unwind(AssertUnwindSafe(|| run_in_child(f)));
    if process::id() != parent {
        to_parent.write_all(b"I am back").expect("the parent reads");
        process::exit(0);
    }
    drop(to_parent);
    // There is a child only if the answer has not waited for it.
    let unreaped = waitpid(None, None);
    let mut from_child_text = String::new();
    from_child.read_to_string(&mut from_child_text).expect("a pipe");
    if !from_child_text.is_empty() {
        return Err("the child returned into the code of the caller".into());
    }
    if unreaped.is_ok() {
        return Err("a zombie is left: the child was not waited for".into());
    }
    ended.or_else(|panic| resume_unwind(panic))
}
