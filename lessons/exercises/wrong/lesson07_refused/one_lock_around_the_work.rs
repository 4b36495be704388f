use std::sync::Mutex;
use std::thread;

/// Calls `f` with each text, in a thread of its own.
pub fn count_all(
    texts: &[&str],
    f: impl Fn(&str) -> usize + Sync,
) -> Vec<usize> {
    let counts = Mutex::new(vec![0; texts.len()]);
    thread::scope(|s| {
        for i in 0..texts.len() {
            let f = &f;
            let counts = &counts;
            s.spawn(move || {
                let mut guard = counts.lock().unwrap();
                guard[i] = f(texts[i]);
            });
        }
    });
    counts.into_inner().unwrap()
}
