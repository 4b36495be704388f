use std::thread;

/// Maps the items with `n` threads.
pub fn map<T, R, F>(n: usize, items: Vec<T>, f: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    let size = items.len().div_ceil(n).max(1);
    let f = &f;
    let mut items = items.into_iter();
    thread::scope(|s| {
        let mut threads = Vec::new();
        for _ in 0..n {
            let part: Vec<_> = items.by_ref().take(size).collect();
            threads.push(
                s.spawn(move || part.into_iter().map(f).collect::<Vec<_>>()),
            );
        }
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    })
}
