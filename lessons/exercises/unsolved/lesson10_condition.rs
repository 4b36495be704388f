//! # Exercise 10: a counting semaphore
//!
//! Write `acquire` and `release` with a `Condvar`, as Python's
//! `threading.Semaphore`.
//!
//! - `acquire` takes a permit; it blocks while there is none.
//! - `release(n)` gives back `n` permits, and wakes as many threads as can go on.
//! - No permit is given out twice.
//!
//! Check it: `cargo test -p exercises lesson10`

use std::sync::{Condvar, Mutex};

/// Permits, which threads acquire and release.
pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Self {
        Self { permits: Mutex::new(permits), released: Condvar::new() }
    }

    /// Takes one permit.
    pub fn acquire(&self) {
        todo!()
    }

    /// Gives back `n` permits.
    pub fn release(&self, n: usize) {
        todo!()
    }
}
