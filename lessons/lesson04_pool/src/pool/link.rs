//! A worker's process, and the socket pair between it and the pool.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};

/// Starts a worker. Its end of the socket pair is its standard input.
///
/// The command is dropped in here, and with it our copy of that end: when the
/// worker ends, for whatever reason, we read the end of the file.
pub fn start(mut worker: Command) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    let child = worker.stdin(OwnedFd::from(theirs)).spawn()?;
    Ok((child, ours))
}

/// In the worker: the socket that it was started with. From now on standard
/// input is empty, and no task can read from it what is not its own.
pub fn inherited() -> io::Result<UnixStream> {
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket.into())
}
