//! A type with a `run` method, like a subclass of `Process`.

use std::error::Error;
use std::io;
use std::process::{self, Child};

use chrono::Local;
use shared::{exit_when_parent_dies, nap};

// ANCHOR: class
/// The counterpart of a subclass of Python's `Process`.
struct ClockProcess {
    interval: f64,
}

impl ClockProcess {
    /// Starts a child that calls `run`.
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

pub fn class() -> io::Result<()> {
    let mut child = ClockProcess { interval: 3.0 }.start()?;
    child.wait()?;
    Ok(())
}

/// What the child runs.
pub fn clock(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_when_parent_dies();
    let interval = args[0].parse()?;
    ClockProcess { interval }.run();
    Ok(())
}
// ANCHOR_END: class
