//! The parent of a zombie exits without waiting for it.

use std::{io, process};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, getpid};

use crate::orphan::reap_orphan;
use crate::system::{fork, set_child_subreaper};
use crate::zombie::print_state;

// ANCHOR: adopted
pub fn adopted() -> io::Result<()> {
    set_child_subreaper()?;
    match fork()? {
        ForkResult::Child => careless_parent(),
        ForkResult::Parent { child } => {
            waitpid(child, None)?;
            reap_orphan()
        }
    }
}

/// Has a child, never waits for it, and exits.
fn careless_parent() -> io::Result<()> {
    let child_exited = SigSet::from(Signal::SIGCHLD);
    child_exited.thread_block()?;
    match fork()? {
        ForkResult::Child => process::exit(7),
        ForkResult::Parent { child: grandchild } => {
            child_exited.wait()?;
            print_state("grandchild has exited", grandchild)?;
            println!("child ({}) exits, and has not waited", getpid());
            process::exit(0);
        }
    }
}
// ANCHOR_END: adopted
