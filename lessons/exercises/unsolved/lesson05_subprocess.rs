//! # Exercise 5: send input through a command
//!
//! Write `filter`, as Python's `Popen.communicate`: it starts the command,
//! writes `input` to its standard input, and returns what it writes to its
//! standard output.
//!
//! - It works with any amount of input: also with 8 MiB, which is much more
//!   than a pipe holds.
//! - The command sees the end of its input.
//! - A command may exit before it has read all of its input (`head -n 1`). That
//!   is no error.
//! - A command that fails is an error.
//!
//! Check it: `cargo test -p exercises lesson05`

use std::io;
use std::process::Command;

/// Returns the output of a command for this input.
pub fn filter(command: &mut Command, input: &[u8]) -> io::Result<Vec<u8>> {
    todo!()
}
