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
        let guard = self.is_open.lock().unwrap();
        drop(self.opened.wait_while(guard, |is_open| !*is_open).unwrap());
    }

    /// Opens the latch.
    pub fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_one();
    }
}
