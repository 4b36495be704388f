//! A pool, one task a chunk.

use std::collections::HashSet;
use std::process;

use process_pool::{Error, Pool, Task, serve};

pub const ROLE: &str = "pool_worker";

const PID: Task<u32, u32> = Task::new("pid", |_| process::id());

pub fn worker() -> std::io::Result<()> {
    match serve(&[&PID])? {}
}

pub fn cost(workers: usize, tasks: usize) -> f64 {
    measure(workers, tasks).expect("the pool works")
}

fn measure(workers: usize, tasks: usize) -> Result<f64, Error> {
    let command = |_| shared::child(ROLE, [""; 0]);
    let pool = Pool::builder().command(command).size(workers).build()?;
    let round = |tasks| pool.map(&PID, 0..tasks as u32, 1);
    let mut seen = HashSet::new();
    while seen.len() < workers {
        seen.extend(round(1_000)?); // Until each worker has started.
    }
    let cost = super::each(tasks, |tasks| {
        assert_eq!(round(tasks).expect("it works").len(), tasks);
    });
    pool.close();
    pool.join()?;
    Ok(cost)
}
