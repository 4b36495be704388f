//! A child process that is joined.

use std::error::Error;
use std::io;

use chrono::Local;
use shared::{exit_when_parent_dies, nap, timeline};

// ANCHOR: process
pub fn process() -> io::Result<()> {
    let mut child = shared::child("worker", ["3"])?.spawn()?;
    let _span = timeline::waiting("join");
    child.wait()?;
    println!("【END】");
    Ok(())
}

/// What the child runs.
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_when_parent_dies(); // Python's daemon flag.
    let interval = args[0].parse()?;
    let _span = timeline::working("works");
    println!("Work started at: {}", Local::now().format("%c"));
    nap(interval);
    println!("Work ended at: {}", Local::now().format("%c"));
    Ok(())
}
// ANCHOR_END: process
