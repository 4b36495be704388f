use std::thread;

/// Calls `f` with each text, in a thread of its own.
pub fn count_all(
    texts: &[&str],
    f: impl Fn(&str) -> usize + Sync,
) -> Vec<usize> {
    let mut counts = vec![0; texts.len()];
    for i in 0..texts.len() {
        thread::scope(|s| {
            s.spawn(|| counts[i] = f(texts[i]));
        });
    }
    counts
}
