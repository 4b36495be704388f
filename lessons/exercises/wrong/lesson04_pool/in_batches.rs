use std::thread;

/// Maps the items with `n` threads.
pub fn map<T, R, F>(n: usize, items: Vec<T>, f: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    let f = &f;
    let mut items = items.into_iter();
    let mut results = Vec::new();
    loop {
        let batch: Vec<_> = items.by_ref().take(n).collect();
        if batch.is_empty() {
            return results;
        }
        thread::scope(|s| {
            let start = |item| s.spawn(move || f(item));
            let threads: Vec<_> = batch.into_iter().map(start).collect();
            results.extend(threads.into_iter().map(|it| it.join().unwrap()));
        });
    }
}
