//! # Lesson 0: fork
//!
//! `fork` is called once and returns twice: it copies the running process, and
//! both processes continue after the call. Then: what a child that has exited
//! leaves for its parent, and a server that forks a child for each connection.
//!
//! Python: `pid = os.fork()`
//! Run: `cargo run -p lesson00_fork`

#[cfg(unix)]
mod adopted;
#[cfg(unix)]
mod fork;
#[cfg(unix)]
mod memory;
#[cfg(unix)]
mod orphan;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod system;
#[cfg(unix)]
mod zombie;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    shared::Lesson::new("lesson00_fork", "fork: one call, two returns")
        .part("fork", "one process becomes two", fork::fork_once)
        .part("memory", "the child has a copy of everything", memory::memory)
        .part("zombie", "exited, and not yet waited for", zombie::zombie)
        .part("orphan", "the parent exits first", orphan::orphan)
        .part("adopted", "the parent of a zombie exits", adopted::adopted)
        .part("server", "a child for each connection", server::server)
        .role("with_a_second_thread", fork::with_a_second_thread)
        .run()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    shared::unix_only("lesson00_fork", "lesson01_process")
}
