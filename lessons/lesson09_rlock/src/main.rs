//! # Lesson 9: RLock
//!
//! A function that has the lock calls another that takes it, too. With a
//! plain lock the thread now waits for itself; a reentrant lock knows its
//! owner, and counts. Then one is built, to see how.
//!
//! Python: `r_lock = threading.RLock()`
//! Run: `cargo run -p lesson09_rlock`

mod inside;
mod rlock;

use std::cell::Cell;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use parking_lot::{Mutex, ReentrantMutex};
use shared::clock::{Stopwatch, at_pace};
use shared::{Lesson, nap, timeline};

fn main() -> ExitCode {
    Lesson::new("lesson09_rlock", "RLock: a lock to take again")
        .part("rlock", "five threads, each takes one lock twice", rlock)
        .part("self_deadlock", "a thread waits for itself", self_deadlock)
        .part("inside", "an owner and a counter", inside::inside)
        .run()
}

// ANCHOR: rlock
fn rlock() {
    let number = &ReentrantMutex::new(Cell::new(0));
    let all_at_once = &Barrier::new(5);
    thread::scope(|s| {
        for k in 1..=5 {
            s.spawn(move || {
                let me = format!("Thread-{k}");
                timeline::lane(&me);
                nap(1.0);
                all_at_once.wait();
                let mine = number.lock(); // Once,
                add_one(number);
                println!("{me} set number to {}", mine.get());
            });
        }
    });
    assert_eq!(number.lock().get(), 5, "nobody came in between");
}

/// Takes the lock by itself: whoever calls this may have it already.
fn add_one(number: &ReentrantMutex<Cell<i32>>) {
    let number = number.lock(); // and twice.
    number.set(number.get() + 1);
}
// ANCHOR_END: rlock

// ANCHOR: self_deadlock
fn self_deadlock() {
    println!("With a plain lock:");
    let number = &Mutex::new(Cell::new(0));
    in_two_threads(|me| {
        let mine = wait("waits", || number.lock());
        let _has_it = set(me, &mine);
        again(me, "without waiting", || number.try_lock().is_some());
        let limit = at_pace(1.0);
        again(me, "within a second", || number.try_lock_for(limit).is_some());
        nap(0.5);
    });

    println!("With a reentrant lock:");
    let number = &ReentrantMutex::new(Cell::new(0));
    in_two_threads(|me| {
        let mine = wait("waits", || number.lock());
        let _has_it = set(me, &mine);
        again(me, "without waiting", || number.try_lock().is_some());
        let limit = at_pace(1.0);
        again(me, "within a second", || number.try_lock_for(limit).is_some());
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

fn wait<T>(label: &str, ask: impl FnOnce() -> T) -> T {
    let _span = timeline::waiting(label);
    ask()
}

fn set(me: &str, number: &Cell<i32>) -> timeline::Span {
    number.set(number.get() + 1);
    println!("{me} set number to {}", number.get());
    timeline::working("has it")
}

/// Asks for the lock that this thread has, and says what came of it.
fn again(me: &str, how: &str, ask: impl FnOnce() -> bool) {
    let watch = Stopwatch::start();
    let answer = match wait("waits for itself", ask) {
        true => "yes",
        false => "no",
    };
    println!("{me} again, {how}: {answer}, after {watch} s");
}
