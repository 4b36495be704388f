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
        items
            .chunks(size)
            .map(|part| s.spawn(move || part.iter().map(value).sum::<u64>()))
            .map(|part| part.join())
            .sum()
    })
}
