//! Two threads that take turns, for the benchmarks of lessons 10 and 11.

use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::thread;

use harness::bench::rate;

/// Two threads, each of which has every second turn.
pub fn in_turns(times: usize, speak: impl Fn(usize) + Sync) -> f64 {
    rate(times, || {
        thread::scope(|s| {
            s.spawn(|| speak(1));
            speak(0);
        });
    })
}

/// The limit: two threads that wake each other without any lock.
pub fn park_and_unpark(times: usize) -> f64 {
    let turn = &AtomicUsize::new(0);
    let speak = move |me: usize, other: thread::Thread| {
        for _ in 0..times / 2 {
            while turn.load(Acquire) != me {
                thread::park();
            }
            turn.store(1 - me, Release);
            other.unpark();
        }
    };
    let here = thread::current();
    rate(times, || {
        thread::scope(|s| {
            let other = s.spawn(move || speak(1, here));
            speak(0, other.thread().clone());
        });
    })
}
