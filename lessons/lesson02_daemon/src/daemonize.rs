//! How a process becomes a Unix daemon: it forks twice.

use std::fs::File;
use std::{env, io, process};

use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, dup2_stderr, dup2_stdin, dup2_stdout, setsid};

use crate::system::fork;

/// The process in which [`daemonize`] returns.
pub enum Daemonized {
    Caller,
    Daemon,
}

// ANCHOR: daemonize
/// Returns twice, like `fork`: in the caller, and in a daemon.
pub fn daemonize() -> io::Result<Daemonized> {
    if let ForkResult::Parent { child } = fork()? {
        return match waitpid(child, None)? {
            WaitStatus::Exited(_, 0) => Ok(Daemonized::Caller),
            other => Err(io::Error::other(format!("no daemon: {other:?}"))),
        };
    }
    setsid()?; // A session of its own, which has no terminal.
    if let ForkResult::Parent { .. } = fork()? {
        process::exit(0); // Only a session leader may get a terminal again.
    }
    umask(Mode::from_bits_truncate(0o027));
    env::set_current_dir("/")?; // Keeps no disk from being unmounted.
    let null = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Ok(Daemonized::Daemon)
}
// ANCHOR_END: daemonize
