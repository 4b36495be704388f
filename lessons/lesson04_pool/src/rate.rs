//! How many tasks a second: tasks that do next to nothing.

use std::hint::black_box;
use std::io;

use process_pool::{Error, Pool, Task};
use rayon::prelude::*;
use shared::clock::Stopwatch;

use crate::start::start_pool;

pub const TINY: Task<u32, u32> = Task::new("tiny", |n| n);

pub fn tiny_tasks(pool: &Pool, tasks: u32, chunk: usize) -> Result<f64, Error> {
    let watch = Stopwatch::start();
    let results = pool.map(&TINY, 0..tasks, chunk)?;
    let seconds = watch.seconds();
    assert!(results.into_iter().eq(0..tasks), "none is lost, none twice");
    Ok(f64::from(tasks) / seconds)
}

/// The same on rayon's threads.
pub fn tiny_tasks_in_rayon(tasks: u32) -> f64 {
    let watch = Stopwatch::start();
    let results: Vec<_> = (0..tasks).into_par_iter().map(black_box).collect();
    let seconds = watch.seconds();
    assert!(results.into_iter().eq(0..tasks), "none is lost, none twice");
    f64::from(tasks) / seconds
}

/// For the benchmark: tasks a second, one figure for each round. The arguments
/// are `pool` or `rayon`, tasks, chunk (0 for the default), and rounds.
pub fn rate(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let [what, tasks, chunk, rounds] = args else {
        return Err(io::Error::other("needs what tasks chunk rounds").into());
    };
    let tasks: u32 = tasks.parse()?;
    let rounds: usize = rounds.parse()?;
    let chunk: usize = chunk.parse()?;
    let pool = start_pool(4)?;
    let chunk = if chunk > 0 { chunk } else { pool.chunk(tasks as usize) };
    for round in 0..=rounds {
        let rate = match what.as_str() {
            "rayon" => tiny_tasks_in_rayon(tasks),
            _ => tiny_tasks(&pool, tasks, chunk)?,
        };
        if round > 0 {
            println!("{rate}"); // The first one only warms up.
        }
    }
    Ok(())
}
