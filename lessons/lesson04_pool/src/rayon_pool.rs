//! The same on a pool of threads.

use std::hint::black_box;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use process_pool::{Error, Task};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use shared::clock::Stopwatch;
use shared::timeline;

use crate::apply::long_time_task;
use crate::start::start_pool;

// ANCHOR: rayon
pub fn rayon() -> Result<(), Box<dyn std::error::Error>> {
    println!("Parent process {}.", process::id());
    let pool = ThreadPoolBuilder::new().num_threads(4).build()?;
    pool.scope(|s| {
        for i in 0..5 {
            s.spawn(move |_| {
                let k = rayon::current_thread_index().map_or(0, |k| k + 1);
                timeline::lane(&format!("Thread-{k}"));
                long_time_task(i, format_args!("Thread-{k}"));
            });
        }
    }); // The scope ends when all five are done.
    println!("All tasks done.");

    let squares: Vec<u32> =
        pool.install(|| (0..10).into_par_iter().map(|n| n * n).collect());
    println!("par_iter returns: {squares:?}");
    let watch = Stopwatch::start();
    let tiny = || (0..100_000).into_par_iter().map(black_box).collect();
    let results: Vec<u32> = pool.install(tiny);
    let rate = 100_000.0 / watch.seconds();
    assert!(results.into_iter().eq(0..100_000), "none lost, none twice");
    println!("100000 tiny tasks: {rate:.0} a second");
    Ok(counting(&pool)?)
}
// ANCHOR_END: rayon

// ANCHOR: counting
static COUNT: AtomicU32 = AtomicU32::new(0);

pub const COUNT_UP: Task<u32, ()> = Task::new("count_up", count_up);

fn count_up(n: u32) {
    COUNT.fetch_add(n, Relaxed);
}

/// Threads share their memory; a worker process has its own.
fn counting(threads: &ThreadPool) -> Result<(), Error> {
    threads.install(|| (0..5).into_par_iter().for_each(|_| count_up(1)));
    println!("Five threads' tasks count: {}", COUNT.load(Relaxed));
    let pool = start_pool(2)?;
    pool.map(&COUNT_UP, [1; 5], 1)?;
    println!("Five more in processes: {} here", COUNT.load(Relaxed));
    pool.close();
    pool.join()
}
// ANCHOR_END: counting
