use std::sync::Mutex;
use std::thread;

/// The sum of what `f` returns to each of the threads.
pub fn total(threads: usize, f: impl Fn() -> u64 + Sync) -> u64 {
    let total = Mutex::new(0);
    thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| {
                let result = f();
                let sum = *total.lock().unwrap() + result;
                *total.lock().unwrap() = sum;
            });
        }
    });
    total.into_inner().unwrap()
}
