use std::thread;

/// Maps the items with `n` threads.
pub fn map<T, R, F>(n: usize, items: Vec<T>, f: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    let f = &f;
    let _ = n;
    thread::scope(|s| {
        let start = |item| s.spawn(move || f(item));
        let threads: Vec<_> = items.into_iter().map(start).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    })
}
