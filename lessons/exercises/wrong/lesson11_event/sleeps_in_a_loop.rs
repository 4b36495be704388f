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
        while !*self.is_open.lock().unwrap() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Opens the latch.
    pub fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}
