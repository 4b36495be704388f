//! Threads in all states that a thread can be in.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::{hint, io, thread};

use shared::nap;

use crate::seen::see;

// ANCHOR: threads
pub fn threads() -> io::Result<()> {
    let done = &AtomicBool::new(false);
    let lock = &Mutex::new(());
    let guard = lock.lock().unwrap();
    thread::scope(|s| {
        let repeat = |name, work: fn()| {
            let work = move || {
                while !done.load(Relaxed) {
                    work();
                }
            };
            named(name).spawn_scoped(s, work).map(drop)
        };
        let _new = named("new"); // It is not started.
        repeat("computes", hint::spin_loop)?;
        named("wants the lock")
            .spawn_scoped(s, || drop(lock.lock().unwrap()))?;
        repeat("sleeps", || nap(1.0))?;
        repeat("starts programs", || drop(Command::new("true").status()))?;
        named("ended").spawn_scoped(s, || ())?.join().unwrap();
        let seen = see_all();
        done.store(true, Relaxed);
        drop(guard);
        seen
    })
}

fn see_all() -> io::Result<()> {
    see("new", None)?;
    see("computes", Some('R'))?;
    see("wants the lock", Some('S'))?;
    see("sleeps", Some('S'))?;
    see("starts programs", Some('D'))?;
    see("ended", None)
}
// ANCHOR_END: threads

/// A thread that is not yet started. The kernel keeps 15 letters of a name.
fn named(name: &str) -> thread::Builder {
    thread::Builder::new().name(name.into())
}
