//! # Lesson 0: fork
//!
//! One call, two returns: `fork` copies the running process, and both go on
//! from there, the parent with the child's pid, the child with nothing. What a
//! child leaves behind is its parent's to collect.
//!
//! Python: `pid = os.fork()`
//! Run: `cargo run -p lesson00_fork`

#[cfg(unix)]
mod fork;
#[cfg(unix)]
mod system;
#[cfg(unix)]
mod zombie_orphan;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    shared::Lesson::new("lesson00_fork", "fork: one call, two returns")
        .part("fork", "one process becomes two", fork::fork_once)
        .part("memory", "the child has a copy of everything", fork::memory)
        .part("zombie", "ended, and not yet waited for", zombie_orphan::zombie)
        .part("orphan", "the parent leaves first", zombie_orphan::orphan)
        .role("beside_a_thread", fork::beside_a_thread)
        .run()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    shared::unix_only("lesson00_fork", "lesson01_process")
}
