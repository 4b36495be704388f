//! What is left when a child, or its parent, ends first.

use std::io::{self, BufRead, Read, Write};
use std::os::unix::net::UnixStream;
use std::process;

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitStatus, wait, waitpid};
use nix::unistd::{ForkResult, Pid, getpid, getppid};
use shared::{nap, timeline};

use crate::system::{fork, set_child_subreaper, state};

// ANCHOR: zombie
pub fn zombie() -> io::Result<()> {
    let child_ended = SigSet::from(Signal::SIGCHLD);
    child_ended.thread_block()?; // Keeps the signal until we wait for it.
    match fork()? {
        ForkResult::Child => {
            timeline::lane("child");
            println!("child ({}) works, and ends with code 7", getpid());
            let working = timeline::working("works");
            nap(0.5);
            drop(working);
            process::exit(7);
        }
        ForkResult::Parent { child } => {
            timeline::lane("parent");
            child_ended.wait()?;
            let _unreaped = timeline::waiting("the child is a zombie");
            show("child has ended", child)?;
            kill(child, Signal::SIGKILL)?;
            show("child after kill -9", child)?;
            nap(1.0);
            println!("parent: reaped {}", reaped(waitpid(child, None)?));
            show("child after wait", child)?;
        }
    }
    child_ended.thread_unblock()?;
    Ok(())
}

fn show(what: &str, pid: Pid) -> io::Result<()> {
    match state(pid)? {
        Some(state) => println!("{what}: process {pid} is in state {state}"),
        None => println!("{what}: there is no process {pid}"),
    }
    Ok(())
}

fn reaped(status: WaitStatus) -> String {
    match status {
        WaitStatus::Exited(pid, code) => format!("{pid}, exit code {code}"),
        other => format!("{other:?}"),
    }
}
// ANCHOR_END: zombie

// ANCHOR: orphan
pub fn orphan() -> io::Result<()> {
    set_child_subreaper()?;
    let (mut ours, theirs) = UnixStream::pair()?;
    match fork()? {
        ForkResult::Child => {
            drop(ours);
            child(theirs)
        }
        ForkResult::Parent { child } => {
            drop(theirs);
            timeline::lane("parent");
            let span = timeline::waiting("waits for both");
            waitpid(child, None)?;
            ours.write_all(b"Your parent has left.\n")?;
            ours.read_to_end(&mut Vec::new())?; // Until it has ended.
            drop(span);
            match wait() {
                Ok(orphan) => println!("parent: reaped {}", reaped(orphan)),
                Err(Errno::ECHILD) => println!("parent: init reaps it"),
                Err(error) => return Err(error.into()),
            }
            Ok(())
        }
    }
}

fn child(first: UnixStream) -> io::Result<()> {
    timeline::lane("child");
    let span = timeline::working("leaves first");
    let (mut is_ready, ready) = io::pipe()?;
    match fork()? {
        ForkResult::Child => grandchild(first, ready),
        ForkResult::Parent { .. } => {
            drop(ready);
            is_ready.read_exact(&mut [0])?;
            nap(0.5);
            println!("child ({}) leaves first", getpid());
            drop(span);
            process::exit(0);
        }
    }
}

fn grandchild(first: UnixStream, mut ready: io::PipeWriter) -> io::Result<()> {
    timeline::lane("grandchild");
    let me = getpid();
    let parent = getppid();
    let span = timeline::working(&format!("my parent is {parent}"));
    println!("grandchild ({me}): my parent is {parent}");
    ready.write_all(b"!")?;
    let mut first = io::BufReader::new(first); // Open until the very end.
    first.read_line(&mut String::new())?;
    drop(span);
    let parent = getppid();
    let span = timeline::working(&format!("my parent is {parent}"));
    println!("grandchild ({me}): my parent is now {parent}");
    nap(0.5);
    drop(span);
    process::exit(0);
}
// ANCHOR_END: orphan
