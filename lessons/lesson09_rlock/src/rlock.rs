//! A reentrant lock, made of a lock that is not.

use std::error::Error;
use std::fmt;
use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

// ANCHOR: RLock
/// A lock that its owner may take again; Python's `RLock`.
///
/// It is free when it was given back as often as it was taken.
pub struct RLock {
    held: Mutex<Held>,
    free: Condvar,
}

struct Held {
    owner: Option<ThreadId>,
    counter: usize,
    /// How many went to sleep and were not notified yet, or more. With nobody
    /// there, a notify would be a system call for nothing.
    waiting: usize,
}

impl RLock {
    /// A lock that nobody has.
    pub const fn new() -> Self {
        let held = Held { owner: None, counter: 0, waiting: 0 };
        Self { held: Mutex::new(held), free: Condvar::new() }
    }

    /// Takes the lock, and waits for it while another thread has it. Returns
    /// the counter: 1, and more for a thread that has it already.
    pub fn acquire(&self) -> usize {
        let me = me();
        let mut held = self.held.lock().unwrap();
        while held.is_of_another(me) {
            held.waiting += 1;
            held = self.free.wait(held).unwrap();
        }
        held.take(me)
    }

    /// Takes the lock unless another thread has it now.
    pub fn try_acquire(&self) -> Option<usize> {
        self.acquire_timeout(Duration::ZERO)
    }

    /// Takes the lock, but does not wait longer than `limit` for it.
    pub fn acquire_timeout(&self, limit: Duration) -> Option<usize> {
        let me = me();
        let begin = Instant::now();
        let mut held = self.held.lock().unwrap();
        while held.is_of_another(me) {
            let left = limit.checked_sub(begin.elapsed())?;
            held.waiting += 1;
            held = self.free.wait_timeout(held, left).unwrap().0;
        }
        Some(held.take(me))
    }

    /// Gives the lock back, once. Returns the counter; at 0 it is free.
    ///
    /// # Errors
    ///
    /// When this thread does not have it; then nothing changes.
    pub fn release(&self) -> Result<usize, NotOwner> {
        let mut held = self.held.lock().unwrap();
        if held.owner != Some(me()) {
            return Err(NotOwner);
        }
        held.counter -= 1;
        if held.counter > 0 {
            return Ok(held.counter);
        }
        held.owner = None;
        if held.waiting > 0 {
            held.waiting -= 1;
            drop(held); // Whoever wakes up must not wait for this, too.
            self.free.notify_one();
        }
        Ok(0)
    }
}

impl Held {
    fn is_of_another(&self, me: ThreadId) -> bool {
        self.owner.is_some_and(|owner| owner != me)
    }

    fn take(&mut self, me: ThreadId) -> usize {
        self.owner = Some(me);
        self.counter += 1;
        self.counter
    }
}
// ANCHOR_END: RLock

std::thread_local! {
    /// Kept, because to ask for it takes as long as a lock does.
    static ME: ThreadId = thread::current().id();
}

fn me() -> ThreadId {
    ME.with(|me| *me)
}

/// A thread gave back what it does not have. In the words of CPython.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOwner;

impl fmt::Display for NotOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot release un-acquired lock")
    }
}

impl Error for NotOwner {}
