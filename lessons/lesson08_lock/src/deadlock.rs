//! Two threads, two locks, and each thread holds what the other needs.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use shared::clock::at_pace;
use shared::{nap, timeline};

/// A lock with a name to print.
struct NamedLock {
    name: &'static str,
    lock: Mutex<()>,
}

// ANCHOR: deadlock
pub fn deadlock() {
    let a = &NamedLock { name: "A", lock: Mutex::new(()) };
    let b = &NamedLock { name: "B", lock: Mutex::new(()) };

    println!("In opposite order:");
    let held = &Barrier::new(2);
    let one_second = Some(at_pace(1.0));
    thread::scope(|s| {
        s.spawn(|| opposite_order("Thread-1", a, b, held, one_second));
        s.spawn(|| opposite_order("Thread-2", b, a, held, None));
    });

    println!("In one order:");
    thread::scope(|s| {
        s.spawn(|| same_order("Thread-1", a, b));
        s.spawn(|| same_order("Thread-2", a, b));
    });
}

/// Acquires `first`, then waits for `second`. The barrier lets no thread go on
/// before each of them holds its first lock.
fn opposite_order(
    me: &str,
    first: &NamedLock,
    second: &NamedLock,
    held: &Barrier,
    timeout: Option<Duration>,
) {
    timeline::lane(me);
    let _guard = first.lock.lock();
    let _holding = timeline::working(&format!("holds {}", first.name));
    println!("{me} holds {} and waits for {}", first.name, second.name);
    held.wait();
    let waiting = timeline::waiting(&format!("waits for {}", second.name));
    let second_guard = match timeout {
        Some(timeout) => second.lock.try_lock_for(timeout),
        None => Some(second.lock.lock()),
    };
    drop(waiting);
    match second_guard {
        Some(_) => {
            println!("{me} has both, {} and {}", first.name, second.name)
        }
        None => println!("{me} times out and releases {}", first.name),
    }
}

/// Acquires A before B, as every thread should.
fn same_order(me: &str, a: &NamedLock, b: &NamedLock) {
    timeline::lane(me);
    let waiting = timeline::waiting(&format!("waits for {}", a.name));
    let _a_guard = a.lock.lock();
    drop(waiting);
    let _b_guard = b.lock.lock();
    let _holding = timeline::working("has both");
    println!("{me} has both, {} and {}", a.name, b.name);
    nap(0.5);
}
// ANCHOR_END: deadlock
