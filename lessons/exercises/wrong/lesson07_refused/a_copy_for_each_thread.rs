use std::thread;

/// Calls `f` with each text, in a thread of its own.
pub fn count_all(
    texts: &[&str],
    f: impl Fn(&str) -> usize + Sync,
) -> Vec<usize> {
    let counts = vec![0; texts.len()];
    let f = &f;
    thread::scope(|s| {
        for i in 0..texts.len() {
            let mut counts = counts.clone();
            s.spawn(move || counts[i] = f(texts[i]));
        }
    });
    counts
}
