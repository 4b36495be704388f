//! # Lesson 3: join
//!
//! Whoever starts something waits for its end: a child process, with and
//! without a limit, and threads. A Rust thread dies when `main` returns, so
//! here the join is not a courtesy.
//!
//! Python: `p.join()`, `p.join(timeout)`, `t.join()`
//! Run: `cargo run -p lesson03_join`

mod threads;
mod timeout;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use chrono::Local;
use shared::{Lesson, exit_when_parent_dies, nap, timeline};

fn main() -> ExitCode {
    Lesson::new("lesson03_join", "join: wait for the end")
        .part("process", "a daemon child, and a join", process)
        .part("timeout", "a join with a limit", timeout::timeout)
        .part("no_join", "main says End before its threads", threads::no_join)
        .part("threads", "main says End after its threads", threads::threads)
        .role("worker", worker)
        .role("patient", timeout::patient)
        .run()
}

// ANCHOR: process
fn process() -> io::Result<()> {
    let mut child = shared::child("worker", ["3"])?.spawn()?;
    let _span = timeline::waiting("join");
    child.wait()?;
    println!("【END】");
    Ok(())
}

/// The child's part of it.
fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_when_parent_dies(); // Python's daemon flag.
    let interval = args[0].parse()?;
    let _span = timeline::working("works");
    println!("Work started at: {}", Local::now().format("%c"));
    nap(interval);
    println!("Work ended at: {}", Local::now().format("%c"));
    Ok(())
}
// ANCHOR_END: process
