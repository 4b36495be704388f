//! A child that is waited for.

use std::error::Error;
use std::io::{self, Write};
use std::process::{self, Stdio};

use chrono::Local;
use shared::{nap, timeline};

use crate::daemon_child::end_with_parent;

// ANCHOR: foreground
pub fn foreground() -> io::Result<()> {
    let mut worker = shared::child("worker", ["3"])?;
    let mut worker = worker.stdin(Stdio::piped()).spawn()?;
    println!("【END】");
    let mut pipe = worker.stdin.take().expect("it is piped");
    writeln!(pipe, "begin")?; // The worker prints only after this line.
    let _span = timeline::waiting("waits for its child");
    let status = worker.wait()?; // Python does this when the program exits.
    assert!(status.success(), "the worker has done its work");
    Ok(())
}

/// What the child runs.
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    io::stdin().read_line(&mut String::new())?; // Until it may begin.
    end_with_parent();
    let me = process::id();
    let _span = timeline::working("works");
    println!("worker ({me}) starts at {}", Local::now().format("%T"));
    nap(args[0].parse()?);
    println!("worker ({me}) ends at {}", Local::now().format("%T"));
    Ok(())
}
// ANCHOR_END: foreground
