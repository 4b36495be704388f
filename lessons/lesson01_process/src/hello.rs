//! A child process is started and waited for.

#[cfg(unix)]
use std::os::unix::process::parent_id;
use std::{io, process};

// ANCHOR: hello
pub fn hello() -> io::Result<()> {
    println!("Parent process {}.", process::id());
    println!("Child process will start.");
    let mut child = shared::child("run_child", ["test"])?.spawn()?;
    let status = child.wait()?;
    println!("Child process end.");
    assert!(status.success(), "the child has done its work");
    Ok(())
}

/// What the child runs.
pub fn run_child(args: &[String]) {
    let name = &args[0];
    let me = process::id();
    let parent = parent_id();
    println!("Run child process {name} ({me})... my parent is {parent}.");
}
// ANCHOR_END: hello

/// Only Unix tells a process the pid of its parent.
#[cfg(not(unix))]
fn parent_id() -> &'static str {
    "not known here"
}
