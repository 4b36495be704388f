//! What a lock costs: `cargo bench -p lesson08_lock`

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::thread;

use harness::bench::{A_SECOND, Row, compare, rate};

fn main() {
    compare(vec![
        Row::new("lock", "acquire and release a lock", A_SECOND)
            .why("Both acquire a free lock by one atomic operation.")
            .python("Lock", "lock")
            .ours("std Mutex", lock)
            .other("parking_lot", parking_lot)
            .limit("an atomic flag", flag),
        Row::new("four", "acquire and release, four threads", A_SECOND)
            .why(
                "Before it blocks a thread, parking_lot lets others run \
                 several times; std's lock only spins.",
            )
            .python("Lock", "four")
            .ours("std Mutex", four_lock)
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

fn lock(times: usize) -> f64 {
    let lock = Mutex::new(());
    rate(times, || (0..times).for_each(|_| drop(lock.lock().unwrap())))
}

fn four_lock(times: usize) -> f64 {
    let lock = Mutex::new(());
    four(times, |times| (0..times).for_each(|_| drop(lock.lock().unwrap())))
}

fn parking_lot(times: usize) -> f64 {
    let lock = parking_lot::Mutex::new(());
    rate(times, || (0..times).for_each(|_| drop(lock.lock())))
}

fn four_parking_lot(times: usize) -> f64 {
    let lock = parking_lot::Mutex::new(());
    four(times, |times| (0..times).for_each(|_| drop(lock.lock())))
}

/// A flag that no other thread ever holds.
fn flag(times: usize) -> f64 {
    let flag = AtomicBool::new(false);
    rate(times, || {
        for _ in 0..times {
            assert!(!black_box(&flag).swap(true, Acquire));
            black_box(&flag).store(false, Release);
        }
    })
}
