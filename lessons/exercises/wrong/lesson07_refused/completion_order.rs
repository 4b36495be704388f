use std::sync::Mutex;
use std::thread;

/// Calls `f` with each text, in a thread of its own.
pub fn count_all(
    texts: &[&str],
    f: impl Fn(&str) -> usize + Sync,
) -> Vec<usize> {
    let counts = Mutex::new(Vec::new());
    thread::scope(|s| {
        for text in texts {
            s.spawn(|| {
                let count = f(text);
                counts.lock().unwrap().push(count);
            });
        }
    });
    counts.into_inner().unwrap()
}
