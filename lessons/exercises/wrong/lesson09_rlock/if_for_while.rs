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
        let me = thread::current().id();
        let mut guard = self.held.lock().unwrap();
        if guard.owner.is_some_and(|owner| owner != me) {
            guard = self.free.wait(guard).unwrap();
        }
        guard.owner = Some(me);
        guard.count += 1;
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let mut guard = self.0.held.lock().unwrap();
        guard.count -= 1;
        if guard.count == 0 {
            guard.owner = None;
            self.0.free.notify_one();
        }
    }
}
