//! A server that forks a child for each connection.

use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::process;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};

use crate::answer;

/// At most so many children: each one more waits for another to exit.
const MAX_CHILDREN: usize = 100;

// ANCHOR: serve
/// Serves until the parent closes this process's input. A thread that waits for
/// that would not survive the fork, so `poll` waits for both.
pub fn serve(listener: &TcpListener) -> io::Result<()> {
    let stdin = io::stdin();
    let mut children = 0;
    loop {
        let mut events = [&stdin.as_fd(), &listener.as_fd()]
            .map(|fd| PollFd::new(*fd, PollFlags::POLLIN));
        poll(&mut events, PollTimeout::NONE)?;
        if events[0].any() == Some(true) {
            while waitpid(None, None).is_ok() {} // Each one ends by itself.
            return Ok(());
        }
        let (client, _) = listener.accept()?;
        while children > 0 && reap_one(children == MAX_CHILDREN)? {
            children -= 1;
        }
        // SAFETY: this process has one thread, so the child has all of it.
        #[expect(unsafe_code, reason = "a fork copies this process")]
        match unsafe { fork() }? {
            ForkResult::Child => process::exit(answer(client).is_err().into()),
            ForkResult::Parent { .. } => children += 1,
        } // The parent's copy of the connection is closed here.
    }
}

/// Waits for a child that has exited, or, if `full`, for one that will.
/// Returns whether there was one.
fn reap_one(full: bool) -> io::Result<bool> {
    let flag = (!full).then_some(WaitPidFlag::WNOHANG);
    Ok(waitpid(None, flag)? != WaitStatus::StillAlive)
}
// ANCHOR_END: serve
