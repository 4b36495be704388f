use std::sync::Mutex;
use std::thread;

/// Maps the items with `n` threads.
pub fn map<T, R, F>(n: usize, items: Vec<T>, f: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    let items = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..n {
            s.spawn(|| {
                loop {
                    let mut guard = items.lock().unwrap();
                    let Some((i, item)) = guard.next() else { break };
                    let result = f(item);
                    results.lock().unwrap().push((i, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}
