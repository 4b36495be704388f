//! How many workers: the default size, and sizes that fit more or less well.

use std::collections::BTreeSet;
use std::process;

use process_pool::{Error, Task};
use shared::clock::Stopwatch;
use shared::{nap, timeline};

use crate::start::{builder, start_pool};

// ANCHOR: random
pub const RANDOM_TASK: Task<(u32, f64), f64> =
    Task::new("random_task", |arg| {
        let (i, seconds) = arg;
        println!("Run task {i} ({})...", process::id());
        let span = timeline::working(&format!("task {i}"));
        nap(seconds);
        drop(span);
        println!("Task {i} runs {seconds:.2} seconds.");
        seconds
    });

pub fn random() -> Result<(), Error> {
    let pool = builder().build()?; // The default size.
    println!("Parent process {}.", process::id());
    println!("The default size is {}", pool.pids().len());
    let work = |i| (i, rand::random_range(0.0..3.0));
    pool.map_async(&RANDOM_TASK, (0..10).map(work), 1)?
        .callback(|all| println!("Callback: {} results", all.len()));
    println!("Waiting for all subprocesses done...");
    pool.close();
    pool.join()?;
    println!("All subprocesses done.");
    Ok(())
}
// ANCHOR_END: random

// ANCHOR: sizes
pub const ONE_SECOND: Task<u32, u32> = Task::new("one_second", |i| {
    let _span = timeline::working(&format!("task {i}"));
    nap(1.0);
    process::id()
});

pub fn sizes() -> Result<(), Error> {
    for size in [5, 4, 3] {
        let pool = start_pool(size)?;
        let watch = Stopwatch::start();
        let pids = pool.map(&ONE_SECOND, 0..5, 1)?;
        let workers = BTreeSet::from_iter(pids).len();
        println!("Pool({size}): {workers} workers had 5 tasks, {watch} s");
        pool.close();
        pool.join()?;
    }
    Ok(())
}
// ANCHOR_END: sizes
