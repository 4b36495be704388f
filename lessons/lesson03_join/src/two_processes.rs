//! What a stopwatch measures with a join, and without one.

use std::io;
use std::process::Child;

use shared::clock::Stopwatch;
use shared::{exit_when_parent_dies, nap, timeline};

// ANCHOR: two_processes
pub fn two_processes() -> io::Result<()> {
    let watch = Stopwatch::start();
    let children = [start("A")?, start("B")?];
    println!("Without join: {watch} s");
    join(children)?; // Python does this when the program exits.

    let watch = Stopwatch::start();
    let children = [start("A")?, start("B")?];
    join(children)?;
    println!("With join: {watch} s");
    Ok(())
}

fn start(name: &str) -> io::Result<Child> {
    shared::child("task", [name])?.spawn()
}

fn join(children: [Child; 2]) -> io::Result<()> {
    let _span = timeline::waiting("join");
    for mut child in children {
        child.wait()?;
    }
    Ok(())
}

/// What each child runs.
pub fn task(args: &[String]) {
    exit_when_parent_dies();
    let name = &args[0];
    timeline::lane(name);
    let _span = timeline::working("works");
    println!("task {name} starts");
    nap(2.0);
    println!("task {name} ends");
}
// ANCHOR_END: two_processes
