//! What threads cost and gain: `cargo bench -p lesson07_threads`

use std::hint::black_box;
use std::thread;

use harness::bench::{A_SECOND, Row, compare, rate};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use shared::task::count_primes;

fn main() {
    compare(vec![
        Row::new("start", "start a thread and join it", A_SECOND)
            .python("Thread", "start", 1_000)
            .ours("std thread", 1_000, start),
        Row::new(
            "compute",
            "four threads that compute",
            "times as fast as one",
        )
        .python("Thread", "compute", 5)
        .ours("std thread", 5, in_threads)
        .other("rayon", 5, in_rayon)
        .limit("the cores", 1, cores),
    ]);
}

fn start(times: usize) -> f64 {
    rate(times, || {
        for _ in 0..times {
            thread::spawn(|| ()).join().unwrap();
        }
    })
}

/// How many times as fast four tasks are `together` as one after the other.
fn speed_up(times: usize, together: impl Fn(fn() -> usize)) -> f64 {
    let work: fn() -> usize = || count_primes(black_box(200_000));
    let in_sequence = rate(times, || {
        for _ in 0..times * 4 {
            black_box(work());
        }
    });
    rate(times, || (0..times).for_each(|_| together(work))) / in_sequence
}

fn in_threads(times: usize) -> f64 {
    speed_up(times, |work| {
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| black_box(work()));
            }
        });
    })
}

fn in_rayon(times: usize) -> f64 {
    speed_up(times, |work| {
        (0..4).into_par_iter().for_each(|_| {
            black_box(work());
        });
    })
}

fn cores(_: usize) -> f64 {
    thread::available_parallelism().map_or(1.0, |n| n.get().min(4) as f64)
}
