//! Waiting for a lock: with an end, and without.

use std::sync::{Barrier, mpsc};
use std::thread;

use parking_lot::Mutex;
use shared::clock::{Stopwatch, at_pace};
use shared::{nap, timeline};

// ANCHOR: timeout
pub fn timeout() {
    let lock = &Mutex::new(());
    let held = &Barrier::new(2);
    let (gave_up, heard) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(move || {
            timeline::lane("Holder");
            let guard = lock.lock();
            let _inside = timeline::working("has the lock");
            println!("Holder has the lock");
            held.wait();
            heard.recv().unwrap(); // It keeps the lock until then, and a bit.
            nap(1.5);
            println!("Holder gives it back");
            drop(guard);
        });
        s.spawn(move || {
            timeline::lane("Waiter");
            held.wait();
            let watch = Stopwatch::start();
            while !try_once(lock) {
                println!("Waiter has waited {watch} s, and does other things");
                let _ = gave_up.send(()); // The holder listens only once.
            }
            println!("Waiter had the lock after {watch} s");
        });
    });
}

/// Waits for the lock, but for one second at the most.
fn try_once(lock: &Mutex<()>) -> bool {
    let _span = timeline::waiting("waits");
    lock.try_lock_for(at_pace(1.0)).is_some()
}
// ANCHOR_END: timeout

/// A lock with a name to show.
struct Named {
    name: &'static str,
    lock: Mutex<()>,
}

// ANCHOR: deadlock
pub fn deadlock() {
    let a = &Named { name: "A", lock: Mutex::new(()) };
    let b = &Named { name: "B", lock: Mutex::new(()) };

    println!("In opposite order:");
    let each_holds_one = &Barrier::new(2);
    thread::scope(|s| {
        s.spawn(|| cross("Thread-1", a, b, each_holds_one, 1.0));
        s.spawn(|| cross("Thread-2", b, a, each_holds_one, FOR_EVER));
    });

    println!("In one order:");
    thread::scope(|s| {
        s.spawn(|| in_order("Thread-1", a, b));
        s.spawn(|| in_order("Thread-2", a, b));
    });
}

/// Takes one lock, and wants the other: both threads wait for each other. It
/// ends only because one of them loses its patience.
fn cross(
    me: &str,
    mine: &Named,
    other: &Named,
    each_holds_one: &Barrier,
    patience: f64,
) {
    timeline::lane(me);
    let _mine = mine.lock.lock();
    let _holding = timeline::working(&format!("holds {}", mine.name));
    println!("{me} holds {} and waits for {}", mine.name, other.name);
    each_holds_one.wait();
    let waiting = timeline::waiting(&format!("waits for {}", other.name));
    let both = other.lock.try_lock_for(at_pace(patience));
    drop(waiting);
    match both {
        Some(_) => println!("{me} has both, {} and {}", mine.name, other.name),
        None => println!("{me} gives up and lets go of {}", mine.name),
    }
}

/// Takes A before B, as everybody does: whoever has A will get B.
fn in_order(me: &str, a: &Named, b: &Named) {
    timeline::lane(me);
    let waiting = timeline::waiting(&format!("waits for {}", a.name));
    let _a = a.lock.lock();
    drop(waiting);
    let _b = b.lock.lock();
    let _holding = timeline::working("has both");
    println!("{me} has both, {} and {}", a.name, b.name);
    nap(0.5);
}
// ANCHOR_END: deadlock

/// Seconds that nobody will wait: an hour.
const FOR_EVER: f64 = 3600.0;
