//! The read and the write again, one step at a time, in three processes:
//! `shared_memory --schedule 1,2,3,1,2,3`.

use std::fs::File;
use std::io::{self, BufReader, stdout};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use memmap2::MmapRaw;
use shared::child;
use shared::schedule::{Program, Thread, serve};

use crate::counter::{join_in, new_file, shared};

// ANCHOR: SHARED_MEMORY
pub const SHARED_MEMORY: Program<Memory> = Program {
    source: include_str!("shared_memory_steps.rs"),
    threads: &[("p1", process), ("p2", process), ("p3", process)],
    start: || Memory::new().expect("a file to map"),
    show: |memory| format!("counter = {}", memory.counter().load(SeqCst)),
    end: |memory| match memory.counter().load(SeqCst) {
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
fn process(me: &Thread, memory: &Memory) {
    let run = || -> io::Result<_> {
        let (ours, its) = UnixStream::pair()?;
        let child = child("steps", [""; 0])?
            .stdin(memory.file.try_clone()?)
            .stdout(OwnedFd::from(its))
            .spawn()?;
        Ok((child, BufReader::new(ours.try_clone()?), ours))
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

/// A file, and the view that the parent has of it.
pub struct Memory {
    file: File,
    map: MmapRaw,
}

impl Memory {
    fn new() -> io::Result<Self> {
        let file = new_file()?;
        let map = MmapRaw::map_raw(&file)?;
        Ok(Self { file, map })
    }

    fn counter(&self) -> &AtomicU64 {
        &shared(&self.map).counter
    }
}
// ANCHOR_END: SHARED_MEMORY
