//! A reentrant lock, made of a lock that is not.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::*};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

// ANCHOR: RLock
/// A lock that its owner may acquire again; Python's `RLock`.
///
/// It is free after as many releases as there were acquisitions.
pub struct RLock {
    /// The thread that holds the lock, or `FREE`. A thread reads its own number
    /// here only while it holds the lock, so no other thread can change it.
    owner: AtomicU64,
    /// Only the owner uses it.
    counter: AtomicUsize,
    /// Whether a release must wake a thread.
    has_waiter: AtomicBool,
    waiting: Mutex<()>,
    released: Condvar,
}

const FREE: u64 = 0;

impl RLock {
    /// A free lock.
    pub const fn new() -> Self {
        Self {
            owner: AtomicU64::new(FREE),
            counter: AtomicUsize::new(0),
            has_waiter: AtomicBool::new(false),
            waiting: Mutex::new(()),
            released: Condvar::new(),
        }
    }

    /// Acquires the lock, and blocks while another thread holds it. Returns the
    /// counter: 1, or more if this thread already holds it.
    pub fn acquire(&self) -> usize {
        self.acquire_timeout(Duration::MAX).expect("it waits forever")
    }

    /// Acquires the lock, or gives up after `timeout`.
    pub fn acquire_timeout(&self, timeout: Duration) -> Option<usize> {
        self.try_acquire().or_else(|| self.wait(timeout))
    }

    /// Acquires the lock unless another thread holds it.
    pub fn try_acquire(&self) -> Option<usize> {
        let me = me();
        if self.owner.load(Relaxed) != me {
            self.owner.compare_exchange(FREE, me, SeqCst, SeqCst).ok()?;
        }
        let counter = self.counter.load(Relaxed) + 1;
        self.counter.store(counter, Relaxed);
        Some(counter)
    }

    fn wait(&self, timeout: Duration) -> Option<usize> {
        let begin = Instant::now();
        let mut guard = self.waiting.lock().unwrap();
        loop {
            self.has_waiter.store(true, SeqCst);
            if let Some(counter) = self.try_acquire() {
                return Some(counter);
            }
            let left = timeout.checked_sub(begin.elapsed())?;
            guard = self.released.wait_timeout(guard, left).unwrap().0;
        }
    }

    /// Releases the lock once. Returns the counter; at 0 the lock is free.
    ///
    /// # Errors
    ///
    /// If this thread does not hold it; then nothing changes.
    pub fn release(&self) -> Result<usize, NotOwner> {
        if self.owner.load(Relaxed) != me() {
            return Err(NotOwner);
        }
        let counter = self.counter.load(Relaxed) - 1;
        self.counter.store(counter, Relaxed);
        if counter == 0 {
            // In this order: a waiter sees the lock free, or is seen here.
            self.owner.store(FREE, SeqCst);
            if self.has_waiter.load(SeqCst) {
                self.wake_one();
            }
        }
        Ok(counter)
    }

    fn wake_one(&self) {
        let guard = self.waiting.lock().unwrap();
        self.has_waiter.store(false, SeqCst);
        drop(guard); // The woken thread acquires it next.
        self.released.notify_one();
    }
}

/// The number of this thread: never reused, and never `FREE`.
fn me() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    std::thread_local! {
        static ME: u64 = NEXT.fetch_add(1, Relaxed);
    }
    ME.with(|me| *me)
}
// ANCHOR_END: RLock

/// A thread released a lock that it does not hold. The text is CPython's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOwner;

impl fmt::Display for NotOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot release un-acquired lock")
    }
}

impl Error for NotOwner {}
