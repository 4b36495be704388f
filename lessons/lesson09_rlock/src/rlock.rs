//! A reentrant lock, made of a lock that is not.

use std::error::Error;
use std::fmt;
use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

// ANCHOR: RLock
/// A lock that its owner may acquire again; Python's `RLock`.
///
/// It is free after as many releases as there were acquisitions.
pub struct RLock {
    held: Mutex<Held>,
    free: Condvar,
}

struct Held {
    owner: Option<ThreadId>,
    counter: usize,
    /// At least the number of threads that sleep and were not notified yet. A
    /// notification that no thread waits for would be a wasted system call.
    waiting: usize,
}

impl RLock {
    /// A free lock.
    pub const fn new() -> Self {
        let held = Held { owner: None, counter: 0, waiting: 0 };
        Self { held: Mutex::new(held), free: Condvar::new() }
    }

    /// Acquires the lock, and blocks while another thread holds it. Returns the
    /// counter: 1, or more if this thread already holds it.
    pub fn acquire(&self) -> usize {
        let me = me();
        let mut held = self.held.lock().unwrap();
        while held.is_of_another(me) {
            held.waiting += 1;
            held = self.free.wait(held).unwrap();
        }
        held.take(me)
    }

    /// Acquires the lock unless another thread holds it.
    pub fn try_acquire(&self) -> Option<usize> {
        self.acquire_timeout(Duration::ZERO)
    }

    /// Acquires the lock, or gives up after `timeout`.
    pub fn acquire_timeout(&self, timeout: Duration) -> Option<usize> {
        let me = me();
        let begin = Instant::now();
        let mut held = self.held.lock().unwrap();
        while held.is_of_another(me) {
            let left = timeout.checked_sub(begin.elapsed())?;
            held.waiting += 1;
            held = self.free.wait_timeout(held, left).unwrap().0;
        }
        Some(held.take(me))
    }

    /// Releases the lock once. Returns the counter; at 0 the lock is free.
    ///
    /// # Errors
    ///
    /// If this thread does not hold it; then nothing changes.
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
            drop(held); // The woken thread acquires it next.
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
    /// Cached, because `current` takes as long as a lock does.
    static ME: ThreadId = thread::current().id();
}

fn me() -> ThreadId {
    ME.with(|me| *me)
}

/// A thread released a lock that it does not hold. The text is CPython's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOwner;

impl fmt::Display for NotOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot release un-acquired lock")
    }
}

impl Error for NotOwner {}
