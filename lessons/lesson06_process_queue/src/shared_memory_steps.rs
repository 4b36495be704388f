//! The read and the write again, one step at a time, in three processes:
//! `shared_memory --schedule 1,2,3,1,2,3`.

use std::fs::File;
use std::io::{self, BufReader, stdout};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use shared::child;
use shared::schedule::{Program, Thread, serve};

use crate::counter::{count, join_in, new_file, shared};

// ANCHOR: SHARED_MEMORY
pub const SHARED_MEMORY: Program<File> = Program {
    source: include_str!("shared_memory_steps.rs"),
    threads: &[("p1", process), ("p2", process), ("p3", process)],
    start: || new_file().expect("a file to map"),
    show: |file| format!("counter = {}", count(file).expect("a file to map")),
    end: |file| match count(file).expect("a file to map") {
        3 => Ok("No update is lost.".into()),
        n => Err(format!("Lost updates: {}.", 3 - n)),
    },
    goals: &[
        ("Lose two updates", "Lost updates: 2."),
        ("Lose no update", "No update is lost."),
    ],
};

fn add_one(me: &Thread, counter: &AtomicU64) {
    let x = me.step(|| counter.load(SeqCst));
    me.step(|| counter.store(x + 1, SeqCst));
}

/// Starts a child that takes the steps of this thread. Its standard input is
/// the file, and its standard output a socket for turns and reports.
fn process(me: &Thread, file: &File) {
    let run = || -> io::Result<_> {
        let (ours, its) = UnixStream::pair()?;
        let mut child = child("steps", [""; 0])?;
        child.stdin(file.try_clone()?).stdout(OwnedFd::from(its));
        Ok((child.spawn()?, BufReader::new(ours.try_clone()?), ours))
    };
    let (child, reports, turns) = run().expect("a child");
    me.relay(child, reports, turns);
}

pub fn steps(_: &[String]) -> io::Result<()> {
    let map = join_in("a process")?;
    let socket = UnixStream::from(stdout().as_fd().try_clone_to_owned()?);
    let turns = BufReader::new(socket.try_clone()?);
    serve(&shared(&map).counter, add_one, turns, socket)
}
// ANCHOR_END: SHARED_MEMORY
