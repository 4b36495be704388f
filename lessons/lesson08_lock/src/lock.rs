//! A `Mutex` that owns the balance.

use std::sync::Mutex;
use std::thread;

use shared::{nap, timeline};

// ANCHOR: lock
pub fn lock() {
    let balance = &Mutex::new(0);
    thread::scope(|s| {
        for n in [5, 8] {
            s.spawn(move || {
                for _ in 0..100_000 {
                    let mut guard = balance.lock().unwrap();
                    *guard += n;
                    *guard -= n;
                } // The guard is dropped here, and that releases the lock.
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
/// One round, slow enough to see which thread has the lock and which waits.
fn slow_motion(me: &str, balance: &Mutex<i64>, n: i64) {
    timeline::lane(me);
    let waiting = timeline::waiting("waits");
    let mut guard = balance.lock().unwrap();
    drop(waiting);
    let _holding = timeline::working("has the lock");
    *guard += n;
    println!("{me} has the lock, the balance is {guard}");
    nap(1.0);
    *guard -= n;
    println!("{me} releases it, the balance is {guard}");
}
// ANCHOR_END: slow_motion

// ANCHOR: poisoned
/// A thread panics while it holds the lock and its work is half done.
fn poisoned() {
    let balance = &Mutex::new(0);
    let thread = thread::Builder::new().name("Thread-3".into());
    thread::scope(|s| {
        let fail = || {
            let mut guard = balance.lock().unwrap();
            *guard += 5;
            panic!("half done, holding the lock");
        };
        let thread = thread.spawn_scoped(s, fail).unwrap();
        thread.join().expect_err("it panicked");
    });
    let poison = balance.lock().expect_err("a panic poisons the lock");
    println!("The lock is poisoned; the balance is {}", poison.get_ref());
}
// ANCHOR_END: poisoned
