//! How much memory processes use.

use std::fs;
use std::process;

/// KiB of memory of these processes, shared pages counted in shares (Linux's
/// `Pss`); `None` on other systems. A process that has exited uses none.
pub fn kib_of(pids: &[u32]) -> Option<f64> {
    let of_one = |pid: &u32| {
        let file = format!("/proc/{pid}/smaps_rollup");
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with("Pss:"))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    let known: Vec<_> = pids.iter().filter_map(of_one).collect();
    (!known.is_empty()).then(|| known.iter().sum())
}

/// KiB of memory of this process.
pub fn own_kib() -> Option<f64> {
    kib_of(&[process::id()])
}

/// A process and its children.
pub fn with_children(pid: u32) -> Vec<u32> {
    let file = format!("/proc/{pid}/task/{pid}/children");
    let children = fs::read_to_string(file).unwrap_or_default();
    let children = children.split_whitespace().flat_map(str::parse);
    [pid].into_iter().chain(children).collect()
}

/// How a growth is printed, divided by `n`.
pub fn each(before: Option<f64>, after: Option<f64>, n: usize) -> String {
    match (before, after) {
        (Some(before), Some(after)) => {
            format!("{:.1}", ((after - before) / n as f64).max(0.0))
        }
        _ => "unknown".into(),
    }
}
