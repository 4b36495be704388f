//! # Processes and threads
//!
//! A process has a memory of its own, a thread shares that of its process. On
//! one core two of them take turns, on two they run at the same instant. And
//! a call either brings its result, or returns before there is one.
//!
//! Run: `cargo run -p lesson07_threads --example processes_and_threads`

use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{io, process, thread};

use shared::clock::Stopwatch;
use shared::{Lesson, nap};

const NAME: &str = "lesson07_threads --example processes_and_threads";

fn main() -> ExitCode {
    Lesson::new(NAME, "Processes and threads: the ideas, seen for real")
        .part("memory", "one memory for threads, one for each process", memory)
        .part("turns", "two busy threads, on one core and on more", turns)
        .part("calls", "with the result, or before there is one", calls)
        .role("child", |_| take(50))
        .run()
}

// ANCHOR: memory
static BALANCE: AtomicI32 = AtomicI32::new(100);

fn memory() -> io::Result<()> {
    take(0);
    thread::scope(|s| drop(s.spawn(|| take(30))));
    take(0);
    let status = shared::child("child", [""; 0])?.status()?;
    assert!(status.success(), "the child has done its work");
    take(0);
    Ok(())
}

fn take(n: i32) {
    let left = BALANCE.fetch_sub(n, Relaxed) - n;
    let thread = thread::current();
    let pid = process::id();
    let name = thread.name().unwrap_or("a thread");
    println!("process {pid}, {name}: I take {n}, and leave {left}");
}
// ANCHOR_END: memory

// ANCHOR: turns
fn turns() {
    println!("On one core:");
    show(&run_on([0, 0]));
    println!("On two cores:");
    show(&run_on([0, 1]));
}

/// For each tenth of a millisecond, whether a thread was running in it.
type Ran = [bool; 720];

/// Two busy threads, each held to a core: when does each run?
fn run_on(cores: [usize; 2]) -> [Ran; 2] {
    let both_are_here = &Barrier::new(2);
    let begin = Instant::now() + Duration::from_millis(20);
    thread::scope(|s| {
        let busy = |core| {
            stay_on(core);
            both_are_here.wait();
            let mut ran = [false; 720];
            loop {
                let time = Instant::now().saturating_duration_since(begin);
                match ran.get_mut(time.as_micros() as usize / 100) {
                    Some(now) => *now = true,
                    None => return ran,
                }
            }
        };
        let threads = cores.map(|core| s.spawn(move || busy(core)));
        threads.map(|t| t.join().unwrap())
    })
}
// ANCHOR_END: turns

/// A column is a millisecond: `#` where the thread had most of it.
fn show([a, b]: &[Ran; 2]) {
    for (name, ran) in [("A", a), ("B", b)] {
        let columns = ran.chunks(10).map(|millisecond| {
            let tenths = millisecond.iter().filter(|&&ran| ran).count();
            if tenths > 5 { '#' } else { '.' }
        });
        let columns: String = columns.collect();
        println!("{name}  {columns}");
    }
    let one = a.iter().zip(b).filter(|(a, b)| **a || **b).count();
    let both = a.iter().zip(b).filter(|(a, b)| **a && **b).count();
    println!("Both at the same time: {} %", 100 * both / one.max(1));
}

/// Holds the calling thread to one of the cores that it may use. With only
/// one that is the one.
#[cfg(target_os = "linux")]
fn stay_on(core: usize) {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    let me = Pid::from_raw(0);
    let may = sched_getaffinity(me).expect("always allowed");
    let cores = (0..CpuSet::count()).filter(|n| may.is_set(*n) == Ok(true));
    let cores: Vec<_> = cores.collect();
    let mut one = CpuSet::new();
    one.set(cores[core % cores.len()]).expect("it is one of the set");
    sched_setaffinity(me, &one).expect("it was allowed before");
}

/// Elsewhere we cannot choose.
#[cfg(not(target_os = "linux"))]
fn stay_on(_: usize) {}

// ANCHOR: calls
fn calls() {
    println!("sync: I ask for 12 * 12");
    let watch = Stopwatch::start();
    let result = square(12);
    println!("sync: the call returns after {watch} s, with {result}");

    println!("async: I ask for 12 * 12");
    let watch = Stopwatch::start();
    let answer = thread::spawn(|| square(12));
    println!("async: the call returns after {watch} s, with a handle");
    println!("async: I do other things");
    let result = answer.join().unwrap();
    println!("async: after {watch} s the handle has {result}");
}

fn square(n: i32) -> i32 {
    nap(1.0);
    n * n
}
// ANCHOR_END: calls
