//! A lock that its owner may acquire again.

use std::cell::Cell;
use std::sync::Barrier;
use std::thread;

use parking_lot::ReentrantMutex;
use shared::{nap, timeline};

// ANCHOR: rlock
pub fn rlock() {
    let number = &ReentrantMutex::new(Cell::new(0));
    let start_together = &Barrier::new(5);
    thread::scope(|s| {
        for k in 1..=5 {
            s.spawn(move || {
                let me = format!("Thread-{k}");
                timeline::lane(&me);
                nap(1.0);
                start_together.wait();
                let guard = number.lock(); // Once,
                add_one(number);
                println!("{me} set number to {}", guard.get());
            });
        }
    });
    assert_eq!(number.lock().get(), 5, "no thread came in between");
}

/// Acquires the lock itself: a caller may already hold it.
fn add_one(number: &ReentrantMutex<Cell<i32>>) {
    let guard = number.lock(); // and twice.
    guard.set(guard.get() + 1);
}
// ANCHOR_END: rlock
