//! What threads cost and gain: `cargo bench -p lesson07_threads`

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use harness::bench::{A_SECOND, Row, compare, python, rate, seconds};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use shared::task::{count_primes, primes_limit};

/// What each of the four tasks takes: together half a second for one thread.
const MILLIS: usize = 125;

fn main() {
    let theirs = python("limit", MILLIS) as usize;
    let ours = primes_limit(Duration::from_millis(MILLIS as u64)) as usize;
    println!("primes below {theirs} in CPython, below {ours} in Rust");
    compare(vec![
        Row::new("start", "start a thread and join it", A_SECOND)
            .python("Thread", "start")
            .ours("std thread", start),
        Row::new(
            "compute",
            "compute 0.5 s in four threads",
            "times as fast as one",
        )
        .why(
            "Threads that only compute gain what the cores \
             allow, with and without rayon.",
        )
        .times(theirs)
        .python("Thread", "compute")
        .times(ours)
        .ours("std thread", in_threads)
        .other("rayon", in_rayon)
        .limit("the cores", cores),
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
fn speed_up(together: impl FnOnce(), work: impl Fn()) -> f64 {
    seconds(|| (0..4).for_each(|_| work())) / seconds(together)
}

fn primes(limit: usize) {
    black_box(count_primes(limit as u32));
}

fn in_threads(limit: usize) -> f64 {
    let work = || primes(limit);
    let together = || {
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(work);
            }
        });
    };
    speed_up(together, work)
}

fn in_rayon(limit: usize) -> f64 {
    let work = || primes(limit);
    speed_up(|| (0..4).into_par_iter().for_each(|_| work()), work)
}

fn cores(_: usize) -> f64 {
    thread::available_parallelism().map_or(1.0, |n| n.get().min(4) as f64)
}
