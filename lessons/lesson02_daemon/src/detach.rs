//! A Unix daemon, started, asked for and stopped by three small programs.

use std::fs;
use std::io::{self, Error, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{ExitStatus, Stdio};
use std::slice;

use nix::sys::signal::{Signal, kill};
use shared::{nap, timeline};

use crate::pid_file::Home;
use crate::unix_daemon::{Who, daemon, daemonize};

// ANCHOR: start
pub fn start(args: &[String]) -> io::Result<()> {
    let _span = timeline::working("start");
    let home = Home::from(args)?;
    let Some(pid_file) = home.lock()? else {
        let pid = home.pid()?;
        return Err(Error::other(format!("refused: daemon {pid} runs")));
    };
    let leash = match args.get(1).map(String::as_str) {
        Some("leash") => Some(io::stdin().as_fd().try_clone_to_owned()?),
        _ => None,
    };
    let (mut ours, theirs) = UnixStream::pair()?;
    match daemonize()? {
        Who::Daemon => {
            drop(ours);
            daemon(&home, pid_file, theirs, leash)
        }
        Who::Caller => {
            drop(theirs);
            ours.write_all(b"!")?; // Nobody is between us any more.
            ours.read_exact(&mut [0]).map_err(|_| {
                Error::other("the daemon ended before it was ready")
            })?;
            println!("start: daemon {} runs", home.pid()?);
            Ok(())
        }
    }
}

pub fn status(args: &[String]) -> io::Result<()> {
    let _span = timeline::working("status");
    let (_, pid) = Home::from(args)?.running()?;
    println!("status: daemon {pid} runs");
    Ok(())
}

pub fn stop(args: &[String]) -> io::Result<()> {
    let _span = timeline::working("stop");
    let (pid_file, pid) = Home::from(args)?.running()?;
    kill(pid, Signal::SIGTERM)?;
    pid_file.lock_shared()?; // The daemon had it locked until its end.
    println!("stop: daemon {pid} has ended");
    Ok(())
}
// ANCHOR_END: start

// ANCHOR: detach
pub fn detach() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let name = folder.path().to_string_lossy().into_owned();
    let home = Home::from(slice::from_ref(&name))?;
    // Cut when we end, however that may be; the daemon ends with it.
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
    three_heartbeats(&home)?;
    assert!(run("stop", Stdio::null())?.success());
    assert!(!run("status", Stdio::null())?.success(), "it has ended");
    print!("{}", fs::read_to_string(&home.log)?);
    Ok(())
}

/// Returns when the daemon has written three of them.
fn three_heartbeats(home: &Home) -> io::Result<()> {
    let _span = timeline::waiting("waits for three heartbeats");
    while fs::read_to_string(&home.log)?.matches("heartbeat").count() < 3 {
        home.running()?;
        nap(0.1);
    }
    Ok(())
}
// ANCHOR_END: detach
