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
    let once = timeline::working("has it once");
    nap(0.5);
    acquire(me, lock);
    let twice = timeline::working("has it twice");
    meet.wait(); // Now Thread-2, in vain.
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
        None => println!("{me} try_acquire: another thread has it"),
    }
    println!("{me} waits");
    let waiting = timeline::waiting("waits until the counter is 0");
    meet.wait(); // Only now does Thread-1 begin to give it back.
    acquire(me, lock);
    drop(waiting);
    let once = timeline::working("has it once");
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

/// Whoever gets the lock now prints after us: standard output has a reentrant
/// lock, and we keep it until our line is out. `println!` takes it again.
fn release(me: &str, lock: &RLock) {
    let _output = io::stdout().lock();
    match lock.release() {
        Ok(counter) => println!("{me} release: the counter is {counter}"),
        Err(error) => println!("{me} release: {error}"),
    }
}
// ANCHOR_END: acquire
