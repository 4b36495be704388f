//! Whose turn it is: all that the buyer and the seller need to talk in order.

use std::sync::{Condvar, Mutex};

/// Turns 0, 1, 2 and so on: each is taken once, by whoever it belongs to, and
/// not before the one before it has ended.
pub struct Turns {
    /// How many were taken: the number of the next one.
    taken: Mutex<usize>,
    changed: Condvar,
}

impl Turns {
    pub fn new() -> Self {
        Self { taken: Mutex::new(0), changed: Condvar::new() }
    }

    /// Sleeps until the turn `mine` has come, and speaks then.
    ///
    /// # Panics
    ///
    /// When somebody has panicked in a turn: there will be no next one.
    pub fn take(&self, mine: usize, speak: impl FnOnce()) {
        let taken = self.taken.lock().unwrap();
        let mut taken =
            self.changed.wait_while(taken, |taken| *taken != mine).unwrap();
        *taken += 1;
        self.changed.notify_all(); // They wake up, even if `speak` panics.
        speak();
    } // The guard ends here, and lets the next one in.
}
