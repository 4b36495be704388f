//! # Exercise 11: a latch
//!
//! A latch is closed at first, and is opened once. Write `wait` and `open`.
//!
//! - `wait` returns when the latch is open, at once if it is open already.
//! - `open` wakes every thread that waits.
//! - While a thread waits, it blocks. It does not look again and again.
//!
//! Check it: `cargo test -p exercises lesson11`

use std::sync::{Condvar, Mutex};

/// A gate that is opened once.
#[derive(Default)]
pub struct Latch {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Latch {
    /// Blocks until the latch is open.
    pub fn wait(&self) {
        todo!()
    }

    /// Opens the latch.
    pub fn open(&self) {
        todo!()
    }
}
