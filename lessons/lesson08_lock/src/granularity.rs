//! One lock around a whole loop, or one for each round.

use std::sync::{Barrier, Mutex};
use std::thread;

use shared::clock::Stopwatch;

const ROUNDS: i64 = 100_000;

// ANCHOR: granularity
pub fn granularity() {
    run("A lock for each round", |balance, n| {
        for _ in 0..ROUNDS {
            let mut guard = balance.lock().unwrap();
            *guard += n;
        }
    });
    run("One lock around the loop", |balance, n| {
        let mut guard = balance.lock().unwrap();
        for _ in 0..ROUNDS {
            *guard += n;
        }
    });
}

/// Runs `deposit` in two threads that start together, and prints how long
/// both took.
fn run(how: &str, deposit: fn(&Mutex<i64>, i64)) {
    let balance = &Mutex::new(0);
    let start = &Barrier::new(3);
    let watch = thread::scope(|s| {
        for n in [5, 8] {
            s.spawn(move || {
                start.wait();
                deposit(balance, n);
            });
        }
        let watch = Stopwatch::start();
        start.wait();
        watch
    });
    let seconds = watch.seconds();
    let total = *balance.lock().unwrap();
    println!("{how}: the balance is {total} after {seconds:.4} s");
    assert_eq!(total, ROUNDS * 13, "no deposit is lost");
}
// ANCHOR_END: granularity
