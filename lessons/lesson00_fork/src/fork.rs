//! One process becomes two.

use std::{io, process, thread};

use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, getpid, getppid};

use crate::system::fork;

// ANCHOR: fork_once
pub fn fork_once() -> io::Result<()> {
    println!("Process ({}) start...", getpid());
    match fork()? {
        ForkResult::Child => {
            let me = getpid();
            let parent = getppid();
            println!("I am child process ({me}) and my parent is {parent}.");
            process::exit(0);
        }
        ForkResult::Parent { child } => {
            let me = getpid();
            println!("I ({me}) just created a child process ({child}).");
            waitpid(child, None)?;
        }
    }
    Ok(())
}
// ANCHOR_END: fork_once

/// A role that shows how [`fork`] refuses to copy a process with two threads.
pub fn with_a_second_thread(_: &[String]) -> io::Result<()> {
    thread::scope(|s| {
        let other = s.spawn(thread::park);
        let forked = fork();
        other.thread().unpark();
        match forked? {
            ForkResult::Child => process::exit(0),
            ForkResult::Parent { child } => waitpid(child, None)?,
        };
        Ok(())
    })
}
