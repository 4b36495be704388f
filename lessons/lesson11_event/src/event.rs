use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// A flag that threads wait for: Python's `threading.Event`.
///
/// The flag is false at first. `set` makes it true, and whoever waits goes on;
/// `clear` makes it false again.
pub struct Event {
    state: Mutex<State>,
    was_set: Condvar,
}

struct State {
    flag: bool,
    /// How many times `set` was called. A thread that wakes up late, when the
    /// flag was cleared again, sees here that it may go on.
    sets: u64,
}

impl Event {
    /// An event that is not set.
    pub const fn new() -> Self {
        let state = Mutex::new(State { flag: false, sets: 0 });
        Self { state, was_set: Condvar::new() }
    }

    /// Makes the flag true: all who wait go on, and all who come later need
    /// not wait.
    pub fn set(&self) {
        let mut state = self.state.lock().unwrap();
        state.flag = true;
        state.sets += 1;
        drop(state); // Nobody shall wake up only to wait for the lock.
        self.was_set.notify_all();
    }

    /// Makes the flag false: all who come later wait for the next `set`. It
    /// holds nobody back who waited for the last one.
    pub fn clear(&self) {
        self.state.lock().unwrap().flag = false;
    }

    /// Whether the flag is true.
    pub fn is_set(&self) -> bool {
        self.state.lock().unwrap().flag
    }

    /// Waits until the flag is true.
    pub fn wait(&self) {
        let state = self.state.lock().unwrap();
        let waits = nothing_since(state.sets);
        drop(self.was_set.wait_while(state, waits).unwrap());
    }

    /// Waits until the flag is true, but not longer than `limit`. Returns
    /// false when the time was up.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        let state = self.state.lock().unwrap();
        let waits = nothing_since(state.sets);
        let end = self.was_set.wait_timeout_while(state, limit, waits);
        !end.unwrap().1.timed_out()
    }
}

/// Why a thread waits on: the flag is false, and there was no `set` since the
/// thread came and found so many.
fn nothing_since(sets: u64) -> impl Fn(&mut State) -> bool {
    move |state| !state.flag && state.sets == sets
}
