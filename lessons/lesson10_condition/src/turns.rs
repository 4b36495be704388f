//! Turns: what the buyer and the seller need to talk in one order.

use std::sync::{Condvar, Mutex};

/// Turns 0, 1, 2 and so on. Each is taken once, after the turn before it has
/// ended.
pub struct Turns {
    /// How many were taken, which is the number of the next turn.
    taken: Mutex<usize>,
    changed: Condvar,
}

impl Turns {
    pub fn new() -> Self {
        Self { taken: Mutex::new(0), changed: Condvar::new() }
    }

    /// Sleeps until the turn `mine` has come, then calls `speak`.
    ///
    /// # Panics
    ///
    /// If a thread has panicked in a turn: there will be no next turn.
    pub fn take(&self, mine: usize, speak: impl FnOnce()) {
        let guard = self.taken.lock().unwrap();
        let mut guard =
            self.changed.wait_while(guard, |taken| *taken != mine).unwrap();
        *guard += 1;
        self.changed.notify_all(); // The others wake up even if `speak` panics.
        speak();
    } // The guard is dropped here, which releases the lock.
}
