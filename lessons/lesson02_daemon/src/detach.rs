//! Three commands that start a Unix daemon, find it, and stop it.

use std::fs;
use std::io::{self, Error, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{ExitStatus, Stdio};
use std::slice;

use nix::sys::signal::{Signal, kill};
use shared::{nap, timeline};

use crate::daemonize::{Daemonized, daemonize};
use crate::pid_file::DaemonPaths;
use crate::unix_daemon::daemon;

// ANCHOR: start
pub fn start(args: &[String]) -> io::Result<()> {
    let _span = timeline::working("start");
    let paths = DaemonPaths::from(args)?;
    let Some(pid_file) = paths.lock()? else {
        let pid = paths.pid()?;
        return Err(Error::other(format!("refused: daemon {pid} runs")));
    };
    let leash = match args.get(1).map(String::as_str) {
        Some("leash") => Some(io::stdin().as_fd().try_clone_to_owned()?),
        _ => None,
    };
    let (mut ours, theirs) = UnixStream::pair()?;
    match daemonize()? {
        Daemonized::Daemon => {
            drop(ours);
            daemon(&paths, pid_file, theirs, leash)
        }
        Daemonized::Caller => {
            drop(theirs);
            ours.write_all(b"!")?; // The intermediate process has exited.
            ours.read_exact(&mut [0]).map_err(|_| {
                Error::other("the daemon ended before it was ready")
            })?;
            println!("start: daemon {} runs", paths.pid()?);
            Ok(())
        }
    }
}

pub fn status(args: &[String]) -> io::Result<()> {
    let _span = timeline::working("status");
    let (_, pid) = DaemonPaths::from(args)?.running()?;
    println!("status: daemon {pid} runs");
    Ok(())
}

pub fn stop(args: &[String]) -> io::Result<()> {
    let _span = timeline::working("stop");
    let (pid_file, pid) = DaemonPaths::from(args)?.running()?;
    kill(pid, Signal::SIGTERM)?;
    pid_file.lock_shared()?; // Free when the daemon has exited.
    println!("stop: daemon {pid} has ended");
    Ok(())
}
// ANCHOR_END: start

// ANCHOR: detach
pub fn detach() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let name = folder.path().to_string_lossy().into_owned();
    let paths = DaemonPaths::from(slice::from_ref(&name))?;
    // Closed when this process ends, however it ends. The daemon ends then.
    let (leash, _held) = io::pipe()?;
    let run = |role, input| -> io::Result<ExitStatus> {
        shared::child(role, [&name, "leash"])?.stdin(input).status()
    };
    let succeeds = [
        run("start", leash.into())?.success(),
        run("status", Stdio::null())?.success(),
        run("start", Stdio::null())?.success(),
    ];
    assert_eq!(succeeds, [true, true, false], "it runs, and it runs once");
    three_heartbeats(&paths)?;
    assert!(run("stop", Stdio::null())?.success());
    assert!(!run("status", Stdio::null())?.success(), "it has ended");
    print!("{}", fs::read_to_string(&paths.log)?);
    Ok(())
}

/// Returns after the daemon has written three heartbeats.
fn three_heartbeats(paths: &DaemonPaths) -> io::Result<()> {
    let _span = timeline::waiting("waits for three heartbeats");
    while fs::read_to_string(&paths.log)?.matches("heartbeat").count() < 3 {
        paths.running()?;
        nap(0.1);
    }
    Ok(())
}
// ANCHOR_END: detach
