//! # Lesson 2: Daemon
//!
//! One word, three things. A daemon child ends with its parent, however the
//! parent ends. A daemon thread is cut off when `main` returns. A Unix daemon
//! outlives them all: it has left its parent and its terminal behind.
//!
//! Python: `p.daemon = True`, `t.setDaemon(True)`, and `os.fork()` twice
//! Run: `cargo run -p lesson02_daemon`

mod daemon;
#[cfg(unix)]
mod detach;
#[cfg(unix)]
mod pid_file;
#[cfg(unix)]
mod system;
mod threads;
#[cfg(unix)]
mod unix_daemon;

use std::error::Error;
use std::io::{self, Write};
use std::process::{self, ExitCode, Stdio};

use chrono::Local;
use shared::{Lesson, nap, timeline};

fn main() -> ExitCode {
    Lesson::new("lesson02_daemon", "Daemon: who ends with whom")
        .part("foreground", "a child that is waited for", foreground)
        .part("daemon", "a child that ends with its parent", daemon::daemon)
        .part("threads", "five threads, and main returns", threads::threads)
        .part("detach", "a Unix daemon: start, status, stop", detach::detach)
        .role("worker", worker)
        .role("parent", daemon::parent)
        .role("five_threads", threads::five_threads)
        .role("start", detach::start)
        .role("status", detach::status)
        .role("stop", detach::stop)
        .run()
}

// ANCHOR: foreground
fn foreground() -> io::Result<()> {
    let mut worker = shared::child("worker", ["3"])?;
    let mut worker = worker.stdin(Stdio::piped()).spawn()?;
    println!("【END】");
    let mut pipe = worker.stdin.take().expect("it is piped");
    writeln!(pipe, "begin")?; // Or nobody would say which of us is first.
    let _span = timeline::waiting("waits for its child");
    let status = worker.wait()?; // Python does this when the program ends.
    assert!(status.success(), "the worker has done its work");
    Ok(())
}

fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    io::stdin().read_line(&mut String::new())?; // Until it may begin.
    daemon::end_with_parent();
    let me = process::id();
    let _span = timeline::working("works");
    println!("worker ({me}) starts at {}", Local::now().format("%T"));
    nap(args[0].parse()?);
    println!("worker ({me}) ends at {}", Local::now().format("%T"));
    Ok(())
}
// ANCHOR_END: foreground

/// What cannot be shown elsewhere.
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
