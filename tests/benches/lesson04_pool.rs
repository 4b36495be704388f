//! Tasks a second of a pool of four: `cargo bench -p lesson04_pool`

use std::hint::black_box;

use harness::bench::{A_SECOND, Row, compare};
use process_pool::{Pool, Task};
use rayon::prelude::*;
use shared::clock::Stopwatch;

const TINY: Task<u32, u32> = Task::new("tiny", |n| n);

fn main() {
    process_pool::init(&[&TINY]); // A worker process goes no further.
    compare(vec![
        Row::new("one", "tasks, chunks of 1", A_SECOND)
            .python("Pool", "chunks_of_1", 100_000)
            .ours("process_pool", 100_000, |tasks| in_pool(tasks, Some(1)))
            .other("rayon, in threads", 1_000_000, in_rayon),
        Row::new("chunks", "tasks, default chunks", A_SECOND)
            .python("Pool", "default_chunks", 1_000_000)
            .ours("process_pool", 1_000_000, |tasks| in_pool(tasks, None))
            .other("rayon, in threads", 1_000_000, in_rayon),
    ]);
}

fn in_pool(tasks: usize, chunk: Option<usize>) -> f64 {
    let pool = Pool::new(4).expect("four workers start");
    rate(tasks, |all| pool.map(&TINY, all, chunk).expect("they succeed"))
}

fn in_rayon(tasks: usize) -> f64 {
    rate(tasks, |all| all.into_par_iter().map(black_box).collect())
}

/// Tasks a second, in a round after one to warm up.
fn rate(tasks: usize, work: impl Fn(std::ops::Range<u32>) -> Vec<u32>) -> f64 {
    let all = 0..tasks as u32;
    work(all.clone());
    let watch = Stopwatch::start();
    let results = work(all.clone());
    let seconds = watch.seconds();
    assert!(results.into_iter().eq(all), "none is lost, none twice");
    tasks as f64 / seconds
}
