//! Which tasks use the cores: those on threads, and those in processes.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use process_pool::{Error, Task, usable_cores};
use shared::clock::{Stopwatch, pace};
use shared::{task, timeline};

use crate::start::start_pool;

pub const PRIMES: Task<u32, u32> =
    Task::new("primes", |limit| task::count_primes(limit) as u32);

/// So many times the primes are counted.
const TIMES: usize = 12;

// ANCHOR: cores
pub fn cores() -> Result<(), Error> {
    let limit = (50_000.0 * pace().min(1.0).sqrt()) as u32;
    println!("{TIMES} times the primes below {limit}");
    println!("workers  sequence  threads  processes");
    for workers in 1..=usable_cores() {
        let one = timed(|| (0..TIMES).for_each(|_| primes(limit)));
        let threads = timed(|| in_threads(workers, limit));
        let pool = start_pool(workers)?;
        let all = [limit; TIMES];
        let processes = timed(|| {
            pool.map(&PRIMES, all, 1).expect("counting does not fail");
        });
        let threads = one / threads;
        let processes = one / processes;
        println!(
            "{workers:>7}  {one:>6.2} s  {threads:>5.2} x  {processes:>7.2} x"
        );
    }
    Ok(())
}

fn in_threads(workers: usize, limit: u32) {
    let next = &AtomicUsize::new(0);
    thread::scope(|s| {
        for k in 1..=workers {
            s.spawn(move || {
                timeline::lane(&format!("Thread-{k}"));
                while next.fetch_add(1, Relaxed) < TIMES {
                    primes(limit);
                }
            });
        }
    });
}
// ANCHOR_END: cores

fn primes(limit: u32) {
    std::hint::black_box(task::count_primes(limit));
}

fn timed(work: impl FnOnce()) -> f64 {
    let watch = Stopwatch::start();
    work();
    watch.seconds()
}
