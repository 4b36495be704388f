use std::thread;

/// The sum of what `f` returns to each of the threads.
pub fn total(threads: usize, f: impl Fn() -> u64 + Sync) -> u64 {
    let mut total = 0;
    for _ in 0..threads {
        thread::scope(|s| {
            s.spawn(|| total += f());
        });
    }
    total
}
