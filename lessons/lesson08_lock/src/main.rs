//! # Lesson 8: Lock
//!
//! Two threads change one bank balance, and updates get lost. A `Mutex` lets
//! one thread in at a time, and it owns the balance: nobody can forget to
//! lock. Then what locks bring: waiting, giving up, and deadlock.
//!
//! Python: `lock = threading.Lock()`
//! Run: `cargo run -p lesson08_lock`

mod race;
mod waiting;

use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Barrier, Mutex};
use std::thread;

use shared::{Lesson, nap, timeline};

fn main() -> ExitCode {
    Lesson::new("lesson08_lock", "Lock: one thread at a time")
        .part("race", "two threads, one balance, no lock", race::race)
        .part("lock", "a Mutex that owns the balance", lock)
        .part("fresh_lock", "a new lock at each use", fresh_lock)
        .part("timeout", "give up waiting for a lock", waiting::timeout)
        .part("deadlock", "two locks, opposite order", waiting::deadlock)
        .run()
}

// ANCHOR: lock
fn lock() {
    let balance = &Mutex::new(0);
    thread::scope(|s| {
        for n in [5, 8] {
            s.spawn(move || {
                for _ in 0..100_000 {
                    let mut guard = balance.lock().unwrap();
                    *guard += n;
                    *guard -= n;
                } // The guard ends here, and gives the lock back.
            });
        }
    });
    let total = *balance.lock().unwrap();
    println!("The final balance is: {total}");
    assert_eq!(total, 0, "under a lock no update is lost");

    thread::scope(|s| {
        s.spawn(|| slow_motion("Thread-1", balance, 5));
        s.spawn(|| slow_motion("Thread-2", balance, 8));
    });
    poisoned();
}
// ANCHOR_END: lock

// ANCHOR: slow_motion
/// One round, slow enough to watch who is in and who waits.
fn slow_motion(me: &str, balance: &Mutex<i64>, n: i64) {
    timeline::lane(me);
    let waiting = timeline::waiting("waits");
    let mut guard = balance.lock().unwrap();
    drop(waiting);
    let _inside = timeline::working("has the lock");
    *guard += n;
    println!("{me} has the lock, the balance is {guard}");
    nap(1.0);
    *guard -= n;
    println!("{me} gives it back, the balance is {guard}");
}

/// A thread panics with the lock in its hand and the work half done.
fn poisoned() {
    let balance = &Mutex::new(0);
    let thread = thread::Builder::new().name("Thread-3".into());
    thread::scope(|s| {
        let half_way = || {
            let mut guard = balance.lock().unwrap();
            *guard += 5;
            panic!("half way, with the lock in hand");
        };
        let thread = thread.spawn_scoped(s, half_way).unwrap();
        thread.join().expect_err("it panicked");
    });
    let poison = balance.lock().expect_err("a panic poisons the lock");
    println!("The lock is poisoned; the balance is {}", poison.get_ref());
}
// ANCHOR_END: slow_motion

// ANCHOR: fresh_lock
fn fresh_lock() {
    let balance = &AtomicI64::new(0);
    let both_inside = &Barrier::new(2);
    thread::scope(|s| {
        for n in [5, 8] {
            s.spawn(move || {
                let lock = Mutex::new(()); // One each: it keeps nobody out.
                let _guard = lock.lock().unwrap();
                let x = balance.load(Relaxed) + n;
                both_inside.wait(); // With one lock nobody would pass here.
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
