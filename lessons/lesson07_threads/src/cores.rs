//! Busy threads on every core, and what they get done.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use shared::clock::{Stopwatch, at_pace, cpu_seconds};
use shared::timeline;

// ANCHOR: cores
pub fn cores() {
    println!("threads  work done  CPU used");
    let mut alone = None;
    for threads in 1..=num_cpus::get() {
        let (work, cpu) = measure(threads);
        let alone = *alone.get_or_insert(work);
        let times = work as f64 / alone as f64;
        println!("{threads:>7}  {times:>7.2} x  {:>6.0} %", cpu * 100.0);
    }
}

/// Keeps `threads` threads busy for a second. Returns how many rounds they
/// did together, and how many seconds of CPU time they used in a second.
fn measure(threads: usize) -> (u64, f64) {
    let cpu = cpu_seconds();
    let watch = Stopwatch::start();
    let end = Instant::now() + at_pace(1.0);
    let work = thread::scope(|s| {
        let threads: Vec<_> =
            (1..=threads).map(|k| s.spawn(move || busy_loop(k, end))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    (work, (cpu_seconds() - cpu) / watch.seconds())
}

/// Flips a bit again and again until `end`. Returns its rounds.
fn busy_loop(k: usize, end: Instant) -> u64 {
    timeline::lane(&format!("Thread-{k}"));
    let _span = timeline::working("busy");
    let mut rounds = 0;
    let mut x = 0;
    loop {
        for _ in 0..1000 {
            x = black_box(x ^ 1);
        }
        rounds += 1;
        if Instant::now() >= end {
            return rounds;
        }
    }
}
// ANCHOR_END: cores
