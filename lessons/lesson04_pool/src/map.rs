//! Many tasks at once: `map`, its order, and its chunks.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io;
use std::process;

use process_pool::{Error, Pool, Task};
use rayon::prelude::*;
use shared::clock::Stopwatch;
use shared::{nap, timeline};

use crate::start::start_pool;

// ANCHOR: map
pub const SQUARE: Task<u32, u32> = Task::new("square", |n| n * n);

/// The later it comes, the sooner it is done.
pub const LAST_FIRST: Task<u32, u32> = Task::new("last_first", |n| {
    let span = timeline::working(&format!("task {n}"));
    nap(f64::from(4 - n) * 0.5);
    drop(span);
    println!("Task {n} is done");
    n * n
});

pub fn map() -> Result<(), Error> {
    let pool = start_pool(4)?;
    let squares = pool.map_async(&LAST_FIRST, 0..4, 1)?;
    println!("map_async has returned, ready is {}", squares.ready());
    println!("Its results: {:?}", squares.get()?);
    println!("map returns: {:?}", pool.map(&SQUARE, 0..10, None)?);

    chunks(&pool)?;
    for chunk in [1, pool.chunk(100_000)] {
        let rate = tiny_tasks(&pool, 100_000, chunk)?;
        println!("100000 tiny tasks by {chunk}: {rate:.0} a second");
    }
    pool.close();
    pool.join()
}
// ANCHOR_END: map

pub const WHO: Task<u32, u32> = Task::new("who", |n| {
    let _span = timeline::working(&n.to_string());
    nap(0.25);
    process::id()
});

pub const QUICK_OR_SLOW: Task<u32, u32> = Task::new("quick_or_slow", |n| {
    if (504..512).contains(&n) {
        let _span = timeline::working(&n.to_string());
        nap(0.25);
    }
    process::id()
});

// ANCHOR: chunks
/// A chunk goes to one worker as a whole. That is quick, and bad luck where
/// the slow tasks stand together.
fn chunks(pool: &Pool) -> Result<(), Error> {
    println!("8 tasks by 2, who had them: {:?}", pool.map(&WHO, 0..8, 2)?);
    for chunk in [pool.chunk(1008), 1] {
        let watch = Stopwatch::start();
        let workers = pool.map(&QUICK_OR_SLOW, 0..1008, chunk)?;
        let slow: BTreeSet<_> = workers[504..512].iter().collect();
        println!(
            "8 slow tasks among 1000 quick ones by {chunk}: \
             workers that had the slow ones: {}, {watch} s",
            slow.len()
        );
    }
    Ok(())
}
// ANCHOR_END: chunks

pub const TINY: Task<u32, u32> = Task::new("tiny", |n| n);

/// How many tasks a second that do next to nothing.
fn tiny_tasks(pool: &Pool, tasks: u32, chunk: usize) -> Result<f64, Error> {
    let watch = Stopwatch::start();
    let results = pool.map(&TINY, 0..tasks, chunk)?;
    let seconds = watch.seconds();
    assert!(results.into_iter().eq(0..tasks), "none is lost, none twice");
    Ok(f64::from(tasks) / seconds)
}

/// For the benchmark: tasks a second, one figure for each round. The arguments
/// are `pool` or `rayon`, tasks, chunk (0 for the default), and rounds.
pub fn rate(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let [what, tasks, chunk, rounds] = args else {
        return Err(io::Error::other("needs what tasks chunk rounds").into());
    };
    let (tasks, rounds) = (tasks.parse()?, rounds.parse()?);
    let chunk = Some(chunk.parse()?).filter(|chunk| *chunk > 0);
    let pool = start_pool(4)?;
    for round in 0..=rounds {
        let chunk = chunk.unwrap_or_else(|| pool.chunk(tasks as usize));
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

/// The same on rayon's threads.
pub fn tiny_tasks_in_rayon(tasks: u32) -> f64 {
    let watch = Stopwatch::start();
    let results: Vec<_> = (0..tasks).into_par_iter().map(black_box).collect();
    let seconds = watch.seconds();
    assert!(results.into_iter().eq(0..tasks), "none is lost, none twice");
    f64::from(tasks) / seconds
}
