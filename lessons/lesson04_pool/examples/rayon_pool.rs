//! The same on threads: the pool of rayon.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use process_pool::{Pool, Task};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

// ANCHOR: main
fn main() -> Result<(), Box<dyn Error>> {
    process_pool::init(&[&COUNT_UP]); // For the processes at the end.
    let threads = ThreadPoolBuilder::new().num_threads(4).build()?;
    let sum = AtomicU32::new(0);
    threads.scope(|s| {
        for i in 0..5 {
            let sum = &sum; // A task borrows what is in the same memory.
            s.spawn(move |_| _ = sum.fetch_add(i * i, Relaxed));
        }
    }); // The scope ends when all five are done.
    println!("Five tasks, the sum of their squares: {}", sum.into_inner());

    let squares = (0..10).into_par_iter().map(|n| n * n);
    let squares: Vec<u32> = threads.install(|| squares.collect());
    println!("In order: {squares:?}");

    threads.install(|| (0..5).into_par_iter().for_each(|_| count_up(1)));
    println!("Five threads' tasks count: {}", COUNT.load(Relaxed));
    let processes = Pool::new(2)?;
    processes.map(&COUNT_UP, [1; 5], 1)?;
    println!("Five more in processes: {} here", COUNT.load(Relaxed));
    processes.close();
    Ok(processes.join()?)
}

static COUNT: AtomicU32 = AtomicU32::new(0);

const COUNT_UP: Task<u32, ()> = Task::new("count_up", count_up);

fn count_up(n: u32) {
    COUNT.fetch_add(n, Relaxed);
}
// ANCHOR_END: main
