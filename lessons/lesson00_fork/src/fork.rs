//! One process becomes two, each with memory of its own.

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

// ANCHOR: memory
pub fn memory() -> io::Result<()> {
    let mut balance = 100;
    match fork()? {
        ForkResult::Child => {
            balance -= 30;
            print_balance("child", &balance);
            process::exit(0);
        }
        ForkResult::Parent { child } => {
            waitpid(child, None)?;
            print_balance("parent", &balance);
        }
    }
    assert_eq!(balance, 100, "the child changed its own copy");
    Ok(())
}

fn print_balance(who: &str, balance: &i32) {
    println!("{who} ({}): balance {balance} at {balance:p}", getpid());
}
// ANCHOR_END: memory

/// Not a part of the lesson: what `fork` says to a program with two threads.
pub fn beside_a_thread(_: &[String]) -> io::Result<()> {
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
