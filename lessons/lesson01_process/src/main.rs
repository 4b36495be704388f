//! # Lesson 1: Process
//!
//! A program starts itself once more, as a child: a process with a pid and a
//! memory of its own. Children work side by side, take arguments, and end
//! with a status. When one of them crashes, the others go on.
//!
//! Python: `p = multiprocessing.Process(target=run_child, args=('test',))`
//! Run: `cargo run -p lesson01_process`

mod exitcode;
mod sing_dance;
mod workers;

use std::error::Error;
use std::io;
use std::process::{self, Child, ExitCode};

use chrono::Local;
use shared::{Lesson, exit_when_parent_dies, nap};

fn main() -> ExitCode {
    Lesson::new("lesson01_process", "Process: start, wait, read the status")
        .part("hello", "start a child and wait for it", hello)
        .part("workers", "three children side by side", workers::workers)
        .part("class", "a type with a run method", class)
        .part("sing_dance", "arguments by place and by name", sing_dance::both)
        .part("exitcode", "five children, five endings", exitcode::exitcode)
        .role("run_child", run_child)
        .role("worker", workers::worker)
        .role("clock", clock)
        .role("sing", sing_dance::sing)
        .role("dance", sing_dance::dance)
        .role("ending", exitcode::ending)
        .run()
}

// ANCHOR: hello
fn hello() -> io::Result<()> {
    println!("Parent process {}.", process::id());
    println!("Child process will start.");
    let mut child = shared::child("run_child", ["test"])?.spawn()?;
    let status = child.wait()?;
    println!("Child process end.");
    assert!(status.success(), "the child has done its work");
    Ok(())
}

/// The child's part of it.
fn run_child(args: &[String]) {
    let name = &args[0];
    let me = process::id();
    let parent = parent_id();
    println!("Run child process {name} ({me})... my parent is {parent}.");
}
// ANCHOR_END: hello

#[cfg(unix)]
use std::os::unix::process::parent_id;

/// Only Unix tells a process who its parent is.
#[cfg(not(unix))]
fn parent_id() -> &'static str {
    "not known here"
}

// ANCHOR: class
/// Stands where Python has a subclass of `Process`.
struct ClockProcess {
    interval: f64,
}

impl ClockProcess {
    /// Starts a child, and the child calls `run`.
    fn start(&self) -> io::Result<Child> {
        shared::child("clock", [self.interval.to_string()])?.spawn()
    }

    fn run(&self) {
        let me = process::id();
        for _ in 0..5 {
            let now = Local::now().format("%c");
            println!("ClockProcess ({me}), current time: {now}");
            nap(self.interval);
        }
    }
}

fn class() -> io::Result<()> {
    ClockProcess { interval: 3.0 }.start()?.wait()?;
    Ok(())
}

fn clock(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_when_parent_dies();
    let interval = args[0].parse()?;
    ClockProcess { interval }.run();
    Ok(())
}
// ANCHOR_END: class
