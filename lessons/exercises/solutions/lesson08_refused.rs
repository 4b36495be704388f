//! One lock for all threads; no thread holds it while it calls `f`.

use std::sync::Mutex;
use std::thread;

/// The sum of what `f` returns to each of the threads.
pub fn total(threads: usize, f: impl Fn() -> u64 + Sync) -> u64 {
    let total = Mutex::new(0);
    thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| {
                let result = f();
                *total.lock().unwrap() += result;
            });
        }
    });
    total.into_inner().unwrap()
}
