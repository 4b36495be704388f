//! A lock that only one thread has excludes no other thread.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Barrier, Mutex};
use std::thread;

// ANCHOR: fresh_lock
pub fn fresh_lock() {
    let balance = &AtomicI64::new(0);
    let both_inside = &Barrier::new(2);
    thread::scope(|s| {
        for n in [5, 8] {
            s.spawn(move || {
                let lock = Mutex::new(()); // One for each thread.
                let _guard = lock.lock().unwrap();
                let x = balance.load(Relaxed) + n;
                both_inside.wait(); // One lock for both would block here.
                balance.store(x, Relaxed);
            });
        }
    });
    println!("A lock each:       0 + 5 + 8 = {}", balance.load(Relaxed));

    let balance = &AtomicI64::new(0);
    let lock = &Mutex::new(()); // One for both.
    thread::scope(|s| {
        for n in [5, 8] {
            s.spawn(move || {
                let _guard = lock.lock().unwrap();
                let x = balance.load(Relaxed) + n;
                balance.store(x, Relaxed);
            });
        }
    });
    println!("One lock for both: 0 + 5 + 8 = {}", balance.load(Relaxed));
}
// ANCHOR_END: fresh_lock
