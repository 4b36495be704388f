//! The counter of an `RLock`, step by step.

use std::io;
use std::sync::Barrier;
use std::thread;

use shared::{nap, timeline};

use crate::rlock::RLock;

// ANCHOR: inside
pub fn inside() {
    let lock = &RLock::new();
    let meet = &Barrier::new(2);
    thread::scope(|s| {
        s.spawn(|| owner("Thread-1", lock, meet));
        s.spawn(|| other("Thread-2", lock, meet));
    });
}

fn owner(me: &str, lock: &RLock, meet: &Barrier) {
    timeline::lane(me);
    acquire(me, lock);
    let once = timeline::working("holds it once");
    nap(0.5);
    acquire(me, lock);
    let twice = timeline::working("holds it twice");
    meet.wait(); // Thread-2 tries, without success.
    meet.wait();
    nap(1.0);
    release(me, lock);
    drop(twice);
    nap(0.5);
    release(me, lock);
    drop(once);
}

fn other(me: &str, lock: &RLock, meet: &Barrier) {
    timeline::lane(me);
    meet.wait();
    release(me, lock);
    match lock.try_acquire() {
        Some(counter) => println!("{me} try_acquire: the counter is {counter}"),
        None => println!("{me} try_acquire: another thread holds it"),
    }
    println!("{me} waits");
    let waiting = timeline::waiting("waits until the counter is 0");
    meet.wait(); // Thread-1 releases only after this.
    acquire(me, lock);
    drop(waiting);
    let once = timeline::working("holds it once");
    nap(0.5);
    release(me, lock);
    drop(once);
    release(me, lock);
}
// ANCHOR_END: inside

// ANCHOR: acquire
fn acquire(me: &str, lock: &RLock) {
    let counter = lock.acquire();
    println!("{me} acquire: the counter is {counter}");
}

/// The next owner prints after this line: standard output has a reentrant lock
/// as well, which is held here until the line is out. `println!` acquires it
/// again.
fn release(me: &str, lock: &RLock) {
    let _output = io::stdout().lock();
    match lock.release() {
        Ok(counter) => println!("{me} release: the counter is {counter}"),
        Err(error) => println!("{me} release: {error}"),
    }
}
// ANCHOR_END: acquire
