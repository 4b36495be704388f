//! Each process has its own memory.

use std::{io, process};

use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, getpid};

use crate::system::fork;

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

fn print_balance(process: &str, balance: &i32) {
    println!("{process} ({}): balance {balance} at {balance:p}", getpid());
}
// ANCHOR_END: memory
