//! All threads are started, then all are joined, then the results are added.

use std::thread;

/// The sum of `value(item)` over all items.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: usize,
    value: impl Fn(&T) -> u64 + Sync,
) -> thread::Result<u64> {
    let size = items.len().div_ceil(threads).max(1);
    let value = &value;
    thread::scope(|s| {
        let parts: Vec<_> = items
            .chunks(size)
            .map(|part| s.spawn(move || part.iter().map(value).sum::<u64>()))
            .collect();
        // Every thread is joined, also after one that has panicked.
        let sums: Vec<_> = parts.into_iter().map(|part| part.join()).collect();
        sums.into_iter().sum()
    })
}
