//! A thread that acquires a plain lock twice waits for itself.

use std::cell::Cell;
use std::thread;

use parking_lot::{Mutex, ReentrantMutex};
use shared::clock::{Stopwatch, at_pace};
use shared::nap;
use shared::timeline;

// ANCHOR: self_deadlock
pub fn self_deadlock() {
    println!("With a plain lock:");
    let number = &Mutex::new(Cell::new(0));
    in_two_threads(|me| {
        let guard = wait("waits", || number.lock());
        let _holding = set(me, &guard);
        again(me, "without waiting", || number.try_lock().is_some());
        let second = at_pace(1.0);
        again(me, "within a second", || number.try_lock_for(second).is_some());
        nap(0.5);
    });

    println!("With a reentrant lock:");
    let number = &ReentrantMutex::new(Cell::new(0));
    in_two_threads(|me| {
        let guard = wait("waits", || number.lock());
        let _holding = set(me, &guard);
        again(me, "without waiting", || number.try_lock().is_some());
        let second = at_pace(1.0);
        again(me, "within a second", || number.try_lock_for(second).is_some());
        nap(0.5);
    });
}
// ANCHOR_END: self_deadlock

fn in_two_threads(run: impl Fn(&str) + Sync) {
    thread::scope(|s| {
        for me in ["Thread-1", "Thread-2"] {
            let run = &run;
            s.spawn(move || {
                timeline::lane(me);
                run(me);
            });
        }
    });
}

fn wait<T>(label: &str, acquire: impl FnOnce() -> T) -> T {
    let _span = timeline::waiting(label);
    acquire()
}

fn set(me: &str, number: &Cell<i32>) -> timeline::Span {
    number.set(number.get() + 1);
    println!("{me} set number to {}", number.get());
    timeline::working("has it")
}

/// Tries to acquire the lock that this thread holds, and prints the result.
fn again(me: &str, how: &str, acquire: impl FnOnce() -> bool) {
    let watch = Stopwatch::start();
    let answer = match wait("waits for itself", acquire) {
        true => "yes",
        false => "no",
    };
    println!("{me} again, {how}: {answer}, after {watch} s");
}
