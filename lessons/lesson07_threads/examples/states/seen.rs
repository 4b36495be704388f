//! Looks at threads from outside.

use std::time::Duration;
use std::{fs, io, process, thread};

// ANCHOR: threads_of
/// The threads of a process and their states; none when there is no such
/// process.
pub fn threads_of(pid: u32) -> Vec<(String, char)> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let mut threads: Vec<_> = threads
        .filter_map(|thread| {
            // 877 (LoopThread) S 876 ...
            let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
            let (name, rest) = stat.split_once(" (")?.1.rsplit_once(") ")?;
            Some((name.to_string(), rest.chars().next()?))
        })
        .collect();
    threads.sort();
    threads
}
// ANCHOR_END: threads_of

/// Looks at a thread of this process until it is in this state, or, with
/// none, not there.
pub fn see(name: &str, wanted: Option<char>) -> io::Result<()> {
    let looks = look_until(process::id(), |threads| {
        let thread = threads.iter().find(|(its, _)| its == name);
        thread.map(|(_, state)| *state) == wanted
    })?;
    match wanted {
        Some(state) => println!("{name}: {state}, seen at look {looks}"),
        None => println!("{name}: not in the list"),
    }
    Ok(())
}

/// Looks until it is so, and returns how often.
pub fn look_until(
    pid: u32,
    is_so: impl Fn(&[(String, char)]) -> bool,
) -> io::Result<usize> {
    for look in 1..=100_000 {
        if is_so(&threads_of(pid)) {
            return Ok(look);
        }
        thread::sleep(Duration::from_micros(100));
    }
    let threads = threads_of(pid);
    Err(io::Error::other(format!("not as expected: {threads:?}")))
}
