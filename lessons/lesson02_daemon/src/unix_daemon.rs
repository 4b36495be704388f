//! What a process must do to become a daemon, and what this one does then.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::{env, process, thread};

use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{
    ForkResult, dup2_stderr, dup2_stdin, dup2_stdout, getpid, getppid, getsid,
    setsid,
};
use shared::{nap, timeline};

use crate::pid_file::DaemonPaths;
use crate::system::fork;

/// Who returns from [`daemonize`].
pub enum Daemonized {
    Caller,
    Daemon,
}

// ANCHOR: daemonize
/// Returns twice, as `fork` does: in the caller, and in a daemon.
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

// ANCHOR: daemon
/// Runs until SIGTERM comes; then it cleans up.
pub fn daemon(
    paths: &DaemonPaths,
    mut pid_file: File,
    mut starter: UnixStream,
    leash: Option<OwnedFd>,
) -> io::Result<()> {
    starter.read_exact(&mut [0])?; // The process between us has ended.
    let terminate = SigSet::from(Signal::SIGTERM);
    terminate.thread_block()?; // Keeps the signal until we wait for it.
    let log = File::options().append(true).create(true).open(&paths.log)?;
    introduce(&log)?;
    writeln!(pid_file, "{}", getpid())?;
    let of_thread = log.try_clone()?;
    thread::spawn(move || beat(&of_thread));
    let leashed = leash.is_some();
    if let Some(leash) = leash {
        let log = paths.log.clone();
        thread::spawn(move || end_with(leash, &log));
    }
    starter.write_all(b"!")?;
    drop(starter);

    terminate.wait()?;
    timeline::process_exited(process::id());
    say(&log, "SIGTERM: removes its pid file and ends")?;
    fs::remove_file(&paths.pid_file)?;
    if leashed {
        let _ = fs::remove_dir(&paths.folder); // Only when it is empty.
    }
    Ok(())
}

fn beat(log: &File) -> io::Result<()> {
    timeline::lane("daemon");
    for n in 1.. {
        let heartbeat = format!("heartbeat {n}");
        let _span = timeline::working(&heartbeat);
        say(log, &heartbeat)?;
        nap(1.0);
    }
    Ok(())
}

/// One line in one call: the lines of two threads never mix.
fn say(mut log: &File, what: &str) -> io::Result<()> {
    log.write_all(format!("daemon ({}): {what}\n", getpid()).as_bytes())
}
// ANCHOR_END: daemon

fn introduce(log: &File) -> io::Result<()> {
    let parent = getppid();
    let session = getsid(None)?;
    let terminal = match File::open("/dev/tty") {
        Ok(_) => "a terminal",
        Err(_) => "no terminal",
    };
    say(log, &format!("parent {parent}, session {session}, {terminal}"))?;
    let null = fs::metadata("/dev/null")?.rdev();
    let is_null = |fd| -> io::Result<bool> {
        Ok(fs::metadata(format!("/dev/fd/{fd}"))?.rdev() == null)
    };
    let all = is_null(0)? && is_null(1)? && is_null(2)?;
    let streams = if all { "/dev/null" } else { "still open" };
    let folder = env::current_dir()?;
    let mode = log.metadata()?.mode() & 0o777;
    let folder = folder.display();
    say(log, &format!("in {folder}, streams {streams}, log mode {mode:o}"))
}

/// Only for the lesson's own run: ends the daemon with the other end of
/// `leash`, and takes the log away.
fn end_with(leash: OwnedFd, log: &std::path::Path) -> io::Result<()> {
    io::copy(&mut File::from(leash), &mut io::sink())?;
    let _ = fs::remove_file(log); // Unless the lesson could do so itself.
    Ok(kill(getpid(), Signal::SIGTERM)?)
}
