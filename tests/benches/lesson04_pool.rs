//! Tasks a second of a pool of four: `cargo bench -p lesson04_pool`

use std::hint::black_box;

use harness::bench::{A_SECOND, Row, compare};
use process_pool::{Pool, Task};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::clock::Stopwatch;

const TINY: Task<u32, u32> = Task::new("tiny", |n| n);

fn main() {
    process_pool::init(&[&TINY]); // A worker process goes no further.
    compare(vec![
        Row::new("one", "tasks, chunks of 1", A_SECOND)
            .python("Pool", "chunks_of_1")
            .ours("process_pool", |tasks| in_pool(tasks, Some(1))),
        Row::new("chunks", "tasks, default chunks", A_SECOND)
            .why(
                "A task on rayon's threads stays in memory; one of \
                 a pool passes a pipe.",
            )
            .python("Pool", "default_chunks")
            .ours("process_pool", |tasks| in_pool(tasks, None))
            .other("rayon, in threads", in_rayon),
        Row::new("first", "start a pool, first result", "milliseconds")
            .why("rayon starts threads, which is cheaper than starting processes.")
            .times(10)
            .python("Pool", "first_result")
            .ours("process_pool", |times| {
                each(times, || {
                    let pool = Pool::new(4).expect("four workers start");
                    let results = pool.map(&TINY, [7], None);
                    (pool, results.expect("it succeeds"))
                })
            })
            .other("rayon, in threads", |times| {
                each(times, || {
                    let pool = ThreadPoolBuilder::new().num_threads(4).build();
                    let pool = pool.expect("four threads start");
                    let results = vec![pool.install(|| 7)];
                    (pool, results)
                })
            }),
    ]);
}

/// Milliseconds from nothing to the first result; the end is not counted.
fn each<Pool>(times: usize, start: impl Fn() -> (Pool, Vec<u32>)) -> f64 {
    let first = || {
        let watch = Stopwatch::start();
        let (_pool, results) = start();
        assert_eq!(results, [7]);
        watch.seconds()
    };
    (0..times).map(|_| first()).sum::<f64>() / times as f64 * 1e3
}

fn in_pool(tasks: usize, chunk: Option<usize>) -> f64 {
    let pool = Pool::new(4).expect("four workers start");
    rate(tasks, |all| pool.map(&TINY, all, chunk).expect("they succeed"))
}

fn in_rayon(tasks: usize) -> f64 {
    rate(tasks, |all| all.into_par_iter().map(black_box).collect())
}

/// Tasks a second, after a round to warm up. In rounds of at most a million:
/// the results of more would not fit into the memory.
fn rate(tasks: usize, work: impl Fn(std::ops::Range<u32>) -> Vec<u32>) -> f64 {
    let rounds = tasks.div_ceil(1_000_000);
    let all = 0..(tasks / rounds) as u32;
    work(all.clone());
    let mut seconds = 0.0;
    for _ in 0..rounds {
        let watch = Stopwatch::start();
        let results = work(all.clone());
        seconds += watch.seconds();
        assert!(results.into_iter().eq(all.clone()), "none lost, none twice");
    }
    (rounds * all.len()) as f64 / seconds
}
