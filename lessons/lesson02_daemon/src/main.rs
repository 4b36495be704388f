//! # Lesson 2: Daemon
//!
//! The word daemon has three meanings. A daemon child ends with its parent,
//! however the parent ends. A daemon thread ends when `main` returns. A Unix
//! daemon has left its parent and its terminal, and outlives both.
//!
//! Python: `p.daemon = True`, `t.setDaemon(True)`, and `os.fork()` twice
//! Run: `cargo run -p lesson02_daemon`

mod daemon;
mod daemon_child;
#[cfg(unix)]
mod daemonize;
#[cfg(unix)]
mod detach;
mod foreground;
#[cfg(unix)]
mod pid_file;
#[cfg(unix)]
mod system;
mod threads;
#[cfg(unix)]
mod unix_daemon;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson02_daemon", "Daemon: what ends with its parent")
        .part(
            "foreground",
            "a child that is waited for",
            foreground::foreground,
        )
        .part("daemon", "a child that ends with its parent", daemon::daemon)
        .part("threads", "five threads, and main returns", threads::threads)
        .part("detach", "a Unix daemon: start, status, stop", detach::detach)
        .role("worker", foreground::worker)
        .role("parent", daemon_child::parent)
        .role("five_threads", threads::five_threads)
        .role("start", detach::start)
        .role("status", detach::status)
        .role("stop", detach::stop)
        .run()
}

/// Where there is no Unix.
#[cfg(not(unix))]
mod detach {
    use std::io;

    pub fn detach() {
        println!("detach: this part needs Unix");
    }

    pub fn start(_: &[String]) -> io::Result<()> {
        Err(io::Error::other("a Unix daemon needs Unix"))
    }

    pub use self::{start as status, start as stop};
}
