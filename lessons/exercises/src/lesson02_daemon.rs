//! # Exercise 2: a guard that ends its child
//!
//! In Rust, dropping a `Child` does nothing: the process continues. Write a
//! guard that ends its child when it is dropped, as Python does with a daemonic
//! child when the parent exits.
//!
//! - When the guard is dropped, the child is killed and waited for: neither a
//!   process nor a zombie is left.
//! - That also happens when the owner of the guard panics.
//! - A child that has already ended is no error.
//!
//! Check it: `cargo test -p exercises lesson02`

use std::io;
use std::process::{Child, Command};

/// Ends its child when it is dropped.
pub struct ChildGuard(Child);

impl ChildGuard {
    /// Starts the child.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        todo!()
    }
}
