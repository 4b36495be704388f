//! A child that has exited stays a zombie until its parent waits for it.

use std::{io, process};

use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, getpid};
use shared::{nap, timeline};

use crate::system::{fork, state};

// ANCHOR: zombie
pub fn zombie() -> io::Result<()> {
    let child_exited = SigSet::from(Signal::SIGCHLD);
    child_exited.thread_block()?; // It stays pending until `wait` takes it.
    match fork()? {
        ForkResult::Child => {
            timeline::lane("child");
            println!("child ({}) works, and exits with code 7", getpid());
            let working = timeline::working("works");
            nap(0.5);
            drop(working);
            process::exit(7);
        }
        ForkResult::Parent { child } => {
            timeline::lane("parent");
            child_exited.wait()?;
            let _unreaped = timeline::waiting("the child is a zombie");
            print_state("child has exited", child)?;
            kill(child, Signal::SIGKILL)?;
            print_state("child after kill -9", child)?;
            nap(1.0);
            let status = waitpid(child, None)?;
            println!("parent: reaped {}", describe(status));
            print_state("child after wait", child)?;
        }
    }
    child_exited.thread_unblock()?;
    Ok(())
}

pub fn print_state(what: &str, pid: Pid) -> io::Result<()> {
    match state(pid)? {
        Some(state) => println!("{what}: process {pid} is in state {state}"),
        None => println!("{what}: there is no process {pid}"),
    }
    Ok(())
}

pub fn describe(status: WaitStatus) -> String {
    match status {
        WaitStatus::Exited(pid, code) => format!("{pid}, exit code {code}"),
        other => format!("{other:?}"),
    }
}
// ANCHOR_END: zombie
