//! One counter in memory that four processes share.

use std::fs::File;
use std::io::{self, stdin};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use memmap2::MmapRaw;
use shared::{child, exit_when_parent_dies, timeline};

use crate::process::join;

const PROCESSES: u64 = 4;
const ROUNDS: u64 = 25;
const STEPS: u64 = 1_000_000;

// ANCHOR: counter
pub fn counter() -> io::Result<()> {
    println!("A read, and then a write:");
    let count = in_four_processes("read_and_write")?;
    let lost = PROCESSES * ROUNDS - count;
    println!("The counter is {count}, {lost} updates are lost.");
    assert_eq!(count, ROUNDS, "in each round all write the same");

    println!("Both in one step:");
    let count = in_four_processes("in_one_step")?;
    println!("The counter is {count}, no update is lost.");
    assert_eq!(count, PROCESSES * STEPS, "each addition is one step");
    Ok(())
}

/// Four children, and a nameless file that all of them map.
fn in_four_processes(role: &str) -> io::Result<u64> {
    let file = new_file()?;
    let start = |n: u64| {
        let name = format!("Process-{n}");
        child(role, [name])?.stdin(file.try_clone()?).spawn()
    };
    let children = (1..=PROCESSES).map(start).collect::<Vec<_>>();
    children.into_iter().try_for_each(|child| join(child?))?;
    count(&file)
}

/// A nameless file that can be mapped; its counter is 0.
pub fn new_file() -> io::Result<File> {
    let file = tempfile::tempfile()?;
    file.set_len(size_of::<Shared>() as u64)?;
    Ok(file)
}

/// The counter in the file.
pub fn count(file: &File) -> io::Result<u64> {
    Ok(shared(&MmapRaw::map_raw(file)?).counter.load(SeqCst))
}
// ANCHOR_END: counter

// ANCHOR: read_and_write
/// All four read before any of them writes: three of four updates are lost in
/// every round.
pub fn read_and_write(args: &[String]) -> io::Result<()> {
    let map = join_in(&args[0])?;
    let Shared { counter, arrived } = shared(&map);
    for _ in 0..ROUNDS {
        let x = counter.load(SeqCst);
        wait_for_all(arrived);
        counter.store(x + 1, SeqCst);
        wait_for_all(arrived);
    }
    println!("{} ({}) has added {ROUNDS}", args[0], process::id());
    Ok(())
}

/// The same bytes, but the processor reads, adds and writes in one step.
pub fn in_one_step(args: &[String]) -> io::Result<()> {
    let map = join_in(&args[0])?;
    let Shared { counter, arrived } = shared(&map);
    wait_for_all(arrived); // They all start together.
    for _ in 0..STEPS {
        counter.fetch_add(1, SeqCst);
    }
    println!("{} ({}) has added {STEPS}", args[0], process::id());
    Ok(())
}
// ANCHOR_END: read_and_write

// ANCHOR: shared
/// The content of the file.
#[repr(C)]
pub struct Shared {
    pub counter: AtomicU64,
    arrived: AtomicU64,
}

/// The shared memory behind a map.
pub fn shared(map: &MmapRaw) -> &Shared {
    assert!(map.len() >= size_of::<Shared>(), "the file is long enough");
    // SAFETY: the map is long enough, begins at a page, and lives as long as
    // the reference; every process uses these bytes as atomics only, and any
    // bytes are valid for them.
    #[expect(unsafe_code, reason = "the compiler cannot know the content")]
    unsafe {
        &*map.as_ptr().cast()
    }
}

/// A barrier in shared memory: it blocks until all processes have called it.
fn wait_for_all(arrived: &AtomicU64) {
    let all = (arrived.fetch_add(1, SeqCst) / PROCESSES + 1) * PROCESSES;
    while arrived.load(SeqCst) < all {
        thread::yield_now();
    }
}
// ANCHOR_END: shared

/// Maps the file that this process has as its standard input.
pub fn join_in(name: &str) -> io::Result<MmapRaw> {
    exit_when_parent_dies();
    timeline::lane(name);
    MmapRaw::map_raw(&stdin())
}
