//! What the daemon of this lesson does: it writes heartbeats until SIGTERM.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::{env, process, thread};

use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::{getpid, getppid, getsid};
use shared::{nap, timeline};

use crate::pid_file::DaemonPaths;

// ANCHOR: daemon
/// Runs until it receives SIGTERM, then removes its pid file.
pub fn daemon(
    paths: &DaemonPaths,
    mut pid_file: File,
    mut starter: UnixStream,
    leash: Option<OwnedFd>,
) -> io::Result<()> {
    starter.read_exact(&mut [0])?; // The intermediate process has exited.
    let terminate = SigSet::from(Signal::SIGTERM);
    terminate.thread_block()?; // It stays pending until `wait` takes it.
    let log = File::options().append(true).create(true).open(&paths.log)?;
    log_state(&log)?;
    writeln!(pid_file, "{}", getpid())?;
    let beat_log = log.try_clone()?;
    thread::spawn(move || beat(&beat_log));
    let leashed = leash.is_some();
    if let Some(leash) = leash {
        let log = paths.log.clone();
        thread::spawn(move || end_with(leash, &log));
    }
    starter.write_all(b"!")?;
    drop(starter);

    terminate.wait()?;
    timeline::process_exited(process::id());
    write_line(&log, "SIGTERM: removes its pid file and ends")?;
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
        write_line(log, &heartbeat)?;
        nap(1.0);
    }
    Ok(())
}

/// Writes a line in one call, so that the lines of two threads do not mix.
fn write_line(mut log: &File, what: &str) -> io::Result<()> {
    log.write_all(format!("daemon ({}): {what}\n", getpid()).as_bytes())
}
// ANCHOR_END: daemon

fn log_state(log: &File) -> io::Result<()> {
    let parent = getppid();
    let session = getsid(None)?;
    let terminal = match File::open("/dev/tty") {
        Ok(_) => "a terminal",
        Err(_) => "no terminal",
    };
    write_line(
        log,
        &format!("parent {parent}, session {session}, {terminal}"),
    )?;
    let null = fs::metadata("/dev/null")?.rdev();
    let is_null = |fd| -> io::Result<bool> {
        Ok(fs::metadata(format!("/dev/fd/{fd}"))?.rdev() == null)
    };
    let all = is_null(0)? && is_null(1)? && is_null(2)?;
    let streams = if all { "/dev/null" } else { "still open" };
    let folder = env::current_dir()?;
    let mode = log.metadata()?.mode() & 0o777;
    let folder = folder.display();
    write_line(
        log,
        &format!("in {folder}, streams {streams}, log mode {mode:o}"),
    )
}

/// Only in the lesson's own run: ends the daemon when the lesson closes the
/// other end of `leash`, and removes the log.
fn end_with(leash: OwnedFd, log: &Path) -> io::Result<()> {
    io::copy(&mut File::from(leash), &mut io::sink())?;
    let _ = fs::remove_file(log); // The lesson may have done so.
    Ok(kill(getpid(), Signal::SIGTERM)?)
}
