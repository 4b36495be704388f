use std::thread;

/// The sum of what `f` returns to each of the threads.
pub fn total(threads: usize, f: impl Fn() -> u64 + Sync) -> u64 {
    let total = 0;
    let f = &f;
    thread::scope(|s| {
        for _ in 0..threads {
            let mut total = total;
            s.spawn(move || total += f());
        }
    });
    total
}
