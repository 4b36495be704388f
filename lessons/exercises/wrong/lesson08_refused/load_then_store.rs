use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

/// The sum of what `f` returns to each of the threads.
pub fn total(threads: usize, f: impl Fn() -> u64 + Sync) -> u64 {
    let total = AtomicU64::new(0);
    thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| {
                let result = f();
                let sum = total.load(Relaxed) + result;
                total.store(sum, Relaxed);
            });
        }
    });
    total.into_inner()
}
