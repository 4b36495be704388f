//! A child outlives its parent, and gets another one.

use std::io::{self, BufRead, Read, Write};
use std::os::unix::net::UnixStream;
use std::process;

use nix::errno::Errno;
use nix::sys::wait::{wait, waitpid};
use nix::unistd::{ForkResult, getpid, getppid};
use shared::{nap, timeline};

use crate::system::{fork, set_child_subreaper};
use crate::zombie::describe;

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
            let _span = timeline::waiting("waits for both");
            waitpid(child, None)?;
            ours.write_all(b"Your parent has exited.\n")?;
            ours.read_to_end(&mut Vec::new())?; // Until the grandchild exits.
            reap_orphan()
        }
    }
}

fn child(to_grandparent: UnixStream) -> io::Result<()> {
    timeline::lane("child");
    let span = timeline::working("exits first");
    let (mut is_ready, ready) = io::pipe()?;
    match fork()? {
        ForkResult::Child => grandchild(to_grandparent, ready),
        ForkResult::Parent { .. } => {
            drop(ready);
            is_ready.read_exact(&mut [0])?;
            nap(0.5);
            println!("child ({}) exits first", getpid());
            drop(span);
            process::exit(0);
        }
    }
}

fn grandchild(
    grandparent: UnixStream,
    mut ready: io::PipeWriter,
) -> io::Result<()> {
    timeline::lane("grandchild");
    let me = getpid();
    let parent = getppid();
    let span = timeline::working(&format!("my parent is {parent}"));
    println!("grandchild ({me}): my parent is {parent}");
    ready.write_all(b"!")?;
    let mut grandparent = io::BufReader::new(grandparent);
    grandparent.read_line(&mut String::new())?;
    drop(span);
    let parent = getppid();
    let span = timeline::working(&format!("my parent is {parent}"));
    println!("grandchild ({me}): my parent is now {parent}");
    nap(0.5);
    drop(span);
    process::exit(0);
}

/// Waits for the orphan that this process has adopted.
pub fn reap_orphan() -> io::Result<()> {
    match wait() {
        Ok(status) => println!("parent: reaped {}", describe(status)),
        Err(Errno::ECHILD) => println!("parent: init reaps it"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
// ANCHOR_END: orphan
