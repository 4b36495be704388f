use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// A flag that threads wait for: Python's `threading.Event`.
///
/// The flag is false at first. `set` makes it true and wakes all threads that
/// wait for it; `clear` makes it false again.
pub struct Event {
    state: Mutex<State>,
    condvar: Condvar,
}

struct State {
    set: bool,
    /// How many times `set` was called.
    generation: u64,
}

impl Event {
    /// An event that is not set.
    pub const fn new() -> Self {
        let state = State { set: false, generation: 0 };
        Self { state: Mutex::new(state), condvar: Condvar::new() }
    }

    /// Makes the flag true: all threads that wait return, and later calls of
    /// `wait` return at once.
    pub fn set(&self) {
        let mut guard = self.state.lock().unwrap();
        guard.set = true;
        guard.generation += 1;
        drop(guard);
        self.condvar.notify_all();
    }

    /// Makes the flag false: later calls of `wait` block until the next `set`.
    /// Threads that waited for the last one still return.
    pub fn clear(&self) {
        self.state.lock().unwrap().set = false;
    }

    /// Whether the flag is true.
    pub fn is_set(&self) -> bool {
        self.state.lock().unwrap().set
    }

    /// Blocks until the flag is true.
    pub fn wait(&self) {
        let guard = self.state.lock().unwrap();
        let not_set = not_set_since(guard.generation);
        drop(self.condvar.wait_while(guard, not_set).unwrap());
    }

    /// Blocks until the flag is true, or until `timeout` is over. Returns false
    /// in the second case.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        let guard = self.state.lock().unwrap();
        let not_set = not_set_since(guard.generation);
        let result = self.condvar.wait_timeout_while(guard, timeout, not_set);
        !result.unwrap().1.timed_out()
    }
}

/// Why a thread keeps waiting: the flag is false, and `set` was not called
/// since. If it was, the flag has been true, even if it is false again.
fn not_set_since(generation: u64) -> impl Fn(&mut State) -> bool {
    move |state| !state.set && state.generation == generation
}
