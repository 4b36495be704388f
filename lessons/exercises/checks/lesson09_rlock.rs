//! Two threads, in every interleaving.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use shuttle::thread;

use super::answer::ReentrantLock;
use crate::model;

pub fn check() -> Result<(), String> {
    let stuck = "stuck: a thread waits for the lock that it holds";
    model::search(stuck, || {
        let lock = ReentrantLock::default();
        let _outer = lock.lock();
        let _inner = lock.lock();
    })?;
    let returned = "two threads were inside at once";
    model::assert_blocks(returned, || {
        let lock = ReentrantLock::default();
        let _guard = lock.lock();
        thread::scope(|s| drop(s.spawn(|| drop(lock.lock()))));
    })?;
    let stuck = "stuck: the lock was released, and a thread still waits for it";
    model::search(stuck, || {
        race("the inner release freed the lock: ", |shared| {
            let _outer = shared.lock.lock();
            drop(shared.lock.lock());
            shared.work();
        })
    })?;
    model::search(stuck, || {
        race("the first release of two freed the lock: ", |shared| {
            let first = shared.lock.lock();
            let _second = shared.lock.lock();
            drop(first);
            shared.work();
        })
    })?;
    model::search(stuck, || {
        // The lock is acquired again, perhaps before the other thread wakes up.
        race("", |shared| {
            for _ in 0..2 {
                let _guard = shared.lock.lock();
                shared.work();
            }
        })
    })
}

struct Shared {
    lock: ReentrantLock,
    inside: AtomicUsize,
    why: &'static str,
}

impl Shared {
    /// Every other thread may run in between.
    fn work(&self) {
        let others = self.inside.fetch_add(1, Relaxed);
        let why = self.why;
        assert!(others == 0, "{why}two threads were inside at once");
        thread::yield_now();
        self.inside.fetch_sub(1, Relaxed);
    }
}

/// Another thread locks and works while this one does its part.
fn race(why: &'static str, part: fn(&Shared)) {
    let lock = ReentrantLock::default();
    let inside = AtomicUsize::new(0);
    let shared = Arc::new(Shared { lock, inside, why });
    let other = {
        let shared = shared.clone();
        thread::spawn(move || {
            let _guard = shared.lock.lock();
            shared.work();
        })
    };
    part(&shared);
    other.join().unwrap();
}
