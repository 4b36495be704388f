//! Many tasks at once: `map`, its order, and its chunks.

use std::collections::BTreeSet;
use std::process;

use process_pool::{Error, Pool, Task};
use shared::clock::Stopwatch;
use shared::{nap, timeline};

use crate::start::start_pool;

// ANCHOR: map
pub const TINY: Task<u32, u32> = Task::new("tiny", |n| n);

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
    let args = (0..4).inspect(|n| println!("map_async takes {n}"));
    let squares = pool.map_async(&LAST_FIRST, args, 1)?;
    println!("map_async has returned, ready is {}", squares.ready());
    println!("Its results: {:?}", squares.get()?);
    println!("map returns: {:?}", pool.map(&SQUARE, 0..10, None)?);

    chunks(&pool)?;
    for chunk in [1, pool.chunk(100_000)] {
        let watch = Stopwatch::start();
        let results = pool.map(&TINY, 0..100_000, chunk)?;
        let rate = 100_000.0 / watch.seconds();
        assert!(results.into_iter().eq(0..100_000), "none lost, none twice");
        println!("100000 tiny tasks in chunks of {chunk}: {rate:.0} a second");
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

pub const SHORT_OR_SLOW: Task<u32, u32> = Task::new("short_or_slow", |n| {
    if (504..512).contains(&n) {
        let _span = timeline::working(&n.to_string());
        nap(0.25);
    }
    process::id()
});

// ANCHOR: chunks
/// One worker gets a whole chunk. Large chunks need few messages, but all slow
/// tasks may be in one of them.
fn chunks(pool: &Pool) -> Result<(), Error> {
    println!(
        "8 tasks in chunks of 2, their workers: {:?}",
        pool.map(&WHO, 0..8, 2)?
    );
    for chunk in [pool.chunk(1008), 1] {
        let watch = Stopwatch::start();
        let workers = pool.map(&SHORT_OR_SLOW, 0..1008, chunk)?;
        let slow: BTreeSet<_> = workers[504..512].iter().collect();
        println!(
            "8 slow tasks among 1000 short ones in chunks of {chunk}: \
             workers that had the slow ones: {}, {watch} s",
            slow.len()
        );
    }
    Ok(())
}
// ANCHOR_END: chunks
