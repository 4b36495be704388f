//! Two long tasks: one after the other, then in two processes.

use std::error::Error;
use std::process;

use shared::clock::Stopwatch;
use shared::task;

// ANCHOR: sequential
fn long_task(i: &str) {
    println!("Current process: {} task {i}", process::id());
    println!("Result: {}", task::long_time_task());
}

pub fn sequential() -> Result<(), Box<dyn Error>> {
    println!("This is the parent process: {}", process::id());
    let watch = Stopwatch::start();
    long_task("1");
    long_task("2");
    println!("One after the other: {watch} seconds");

    let watch = Stopwatch::start();
    let mut first = shared::child("long_task", ["1"])?.spawn()?;
    let mut second = shared::child("long_task", ["2"])?.spawn()?;
    println!("Two processes, before join: {watch} seconds");
    first.wait()?;
    second.wait()?;
    println!("Two processes, after join: {watch} seconds");
    Ok(())
}

/// A child in this role does one of the tasks.
pub fn child(args: &[String]) {
    shared::exit_when_parent_dies();
    long_task(&args.concat());
}
// ANCHOR_END: sequential
