//! Waiting for a lock with a timeout.

use std::sync::{Barrier, mpsc};
use std::thread;

use parking_lot::Mutex;
use shared::clock::{Stopwatch, at_pace};
use shared::{nap, timeline};

// ANCHOR: timeout
pub fn timeout() {
    let lock = &Mutex::new(());
    let held = &Barrier::new(2);
    let (gave_up, waiter_gave_up) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(move || {
            timeline::lane("Holder");
            let guard = lock.lock();
            let _holding = timeline::working("has the lock");
            println!("Holder has the lock");
            held.wait();
            waiter_gave_up.recv().unwrap();
            nap(1.5);
            println!("Holder releases it");
            drop(guard);
        });
        s.spawn(move || {
            timeline::lane("Waiter");
            held.wait();
            let watch = Stopwatch::start();
            while !try_once(lock) {
                println!("Waiter has waited {watch} s, and does other things");
                let _ = gave_up.send(()); // The holder receives only once.
            }
            println!("Waiter got the lock after {watch} s");
        });
    });
}

/// Waits for the lock, but no longer than one second.
fn try_once(lock: &Mutex<()>) -> bool {
    let _waiting = timeline::waiting("waits");
    match lock.try_lock_for(at_pace(1.0)) {
        Some(_guard) => true, // Released when `_guard` goes out of scope.
        None => false,
    }
}
// ANCHOR_END: timeout
