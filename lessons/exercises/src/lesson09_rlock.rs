//! # Exercise 9: a reentrant lock
//!
//! Write `lock`, and what happens when the guard is dropped: a lock that the
//! thread which holds it can acquire again, as Python's `RLock`.
//!
//! - The lock is free when every guard of its owner has been dropped, in
//!   whatever order.
//! - At most one thread holds the lock.
//! - A thread that waits blocks, and acquires the lock when it is free.
//!
//! Check it: `cargo test -p exercises lesson09`

use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};

/// A lock that its owner can acquire again.
#[derive(Default)]
pub struct ReentrantLock {
    held: Mutex<Held>,
    free: Condvar,
}

#[derive(Default)]
struct Held {
    owner: Option<ThreadId>,
    count: usize,
}

/// Releases the lock, once, when it is dropped.
pub struct Guard<'a>(&'a ReentrantLock);

impl ReentrantLock {
    /// Acquires the lock; blocks while another thread holds it.
    pub fn lock(&self) -> Guard<'_> {
        todo!()
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        todo!()
    }
}
