use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// A flag that threads wait for: Python's `threading.Event`.
///
/// The flag is false at first. `set` makes it true, and whoever waits goes on;
/// `clear` makes it false again.
pub struct Event {
    /// How many times the flag has changed: it is true when this is odd.
    changes: Mutex<u64>,
    bell: Condvar,
}

impl Event {
    /// An event that is not set.
    pub const fn new() -> Self {
        Self { changes: Mutex::new(0), bell: Condvar::new() }
    }

    /// Makes the flag true: all who wait go on, and all who come later need
    /// not wait.
    pub fn set(&self) {
        *self.changes.lock().unwrap() |= 1; // Odd, if it is not already.
        self.bell.notify_all();
    }

    /// Makes the flag false: all who come later wait for the next `set`. It
    /// holds nobody back who waited for the last one.
    pub fn clear(&self) {
        let mut changes = self.changes.lock().unwrap();
        *changes = changes.next_multiple_of(2); // Even, if it is not already.
    }

    /// Whether the flag is true.
    pub fn is_set(&self) -> bool {
        *self.changes.lock().unwrap() % 2 == 1
    }

    /// Waits until the flag is true.
    pub fn wait(&self) {
        let changes = self.changes.lock().unwrap();
        let waits = false_since(*changes);
        drop(self.bell.wait_while(changes, waits).unwrap());
    }

    /// Waits until the flag is true, but not longer than `limit`. Returns
    /// false when the time was up.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        let changes = self.changes.lock().unwrap();
        let waits = false_since(*changes);
        let end = self.bell.wait_timeout_while(changes, limit, waits);
        !end.unwrap().1.timed_out()
    }
}

/// Why a thread waits on: it came and found the flag false, and the flag has
/// not changed since. When it has, it was true, even if it is false again.
fn false_since(before: u64) -> impl Fn(&mut u64) -> bool {
    move |changes| *changes == before && before.is_multiple_of(2)
}
