//! The system calls behind the lesson.

use std::io;

use nix::errno::Errno;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::wait::wait;
use nix::unistd::ForkResult;

/// Copies this process, as in lesson 0: only while it has one thread.
///
/// # Errors
///
/// If the system cannot create another process, and if this process has more
/// than one thread.
pub fn fork() -> io::Result<ForkResult> {
    if num_threads::is_single_threaded() != Some(true) {
        return Err(io::Error::other(
            "fork is refused in a process with several threads",
        ));
    }
    // SAFETY: this is the only thread, so the child lacks no thread that could
    // hold a lock. The child may do whatever the parent may do.
    #[expect(unsafe_code, reason = "the system call behind every daemon")]
    let forked = unsafe { nix::unistd::fork() };
    Ok(forked?)
}

/// Lets Ctrl-C end this process even if it was started with Ctrl-C ignored, as
/// a shell script does with a command that it starts by `&`.
pub fn reset_sigint() -> io::Result<()> {
    // SAFETY: the default action runs no code of ours.
    #[expect(unsafe_code, reason = "a handler could do anything")]
    unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) }?;
    Ok(())
}

/// Sets whether this process adopts orphans among its descendants, as their
/// nearest subreaper. Only Linux has that; elsewhere init adopts them.
pub fn set_child_subreaper(adopt: bool) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(adopt)?;
    let _ = adopt;
    Ok(())
}

/// Waits until all children of this process have ended, adopted ones as well.
pub fn reap_all() -> io::Result<()> {
    loop {
        match wait() {
            Ok(_) => {}
            Err(Errno::ECHILD) => return Ok(()), // None is left.
            Err(error) => return Err(error.into()),
        }
    }
}
