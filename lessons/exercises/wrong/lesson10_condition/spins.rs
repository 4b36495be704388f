use std::sync::{Condvar, Mutex};

/// Permits, which threads acquire and release.
pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Self {
        Self { permits: Mutex::new(permits), released: Condvar::new() }
    }

    /// Takes one permit.
    pub fn acquire(&self) {
        loop {
            let mut guard = self.permits.lock().unwrap();
            if *guard > 0 {
                *guard -= 1;
                return;
            }
        }
    }

    /// Adds `n` permits.
    pub fn release(&self, n: usize) {
        *self.permits.lock().unwrap() += n;
        self.released.notify_all();
    }
}
