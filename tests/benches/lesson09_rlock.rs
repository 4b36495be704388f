//! What a reentrant lock costs: `cargo bench -p lesson09_rlock`

#[path = "../../lessons/lesson09_rlock/src/rlock.rs"]
mod rlock;

use std::thread;

use harness::bench::{A_SECOND, Row, compare, rate};
use parking_lot::ReentrantMutex;
use rlock::RLock;

const WHY: &str = "parking_lot keeps its state in one word; the lesson's lock \
                   has an owner, a counter and a flag.";

fn main() {
    compare(vec![
        Row::new("rlock", "acquire twice and release twice", A_SECOND)
            .why(WHY)
            .python("RLock", "rlock")
            .ours("the lesson's RLock", one_ours)
            .other("parking_lot", one_parking_lot),
        Row::new("four", "acquire twice, four threads", A_SECOND)
            .why(WHY)
            .python("RLock", "four")
            .ours("the lesson's RLock", four_ours)
            .other("parking_lot", four_parking_lot),
    ]);
}

/// Four threads, a quarter of the work each.
fn four(times: usize, work: impl Fn(usize) + Sync) -> f64 {
    rate(times, || {
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| work(times / 4));
            }
        });
    })
}

fn ours(lock: &RLock, times: usize) {
    for _ in 0..times / 2 {
        lock.acquire();
        lock.acquire();
        lock.release().expect("this thread is the owner");
        lock.release().expect("this thread is the owner");
    }
}

fn parking_lot(lock: &ReentrantMutex<()>, times: usize) {
    for _ in 0..times / 2 {
        let outer = lock.lock();
        drop(lock.lock());
        drop(outer);
    }
}

fn one_ours(times: usize) -> f64 {
    let lock = RLock::new();
    rate(times, || ours(&lock, times))
}

fn four_ours(times: usize) -> f64 {
    let lock = RLock::new();
    four(times, |times| ours(&lock, times))
}

fn one_parking_lot(times: usize) -> f64 {
    let lock = ReentrantMutex::new(());
    rate(times, || parking_lot(&lock, times))
}

fn four_parking_lot(times: usize) -> f64 {
    let lock = ReentrantMutex::new(());
    four(times, |times| parking_lot(&lock, times))
}
