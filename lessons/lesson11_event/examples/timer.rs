//! A `Timer`: a call after some time, unless it is cancelled before.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

// ANCHOR: timer
/// Calls `f` after `delay`. Dropping the sender cancels the timer.
fn timer(
    delay: Duration,
    f: impl FnOnce() + Send + 'static,
) -> (Sender<()>, JoinHandle<()>) {
    let (cancel, cancelled) = mpsc::channel();
    let thread = thread::spawn(move || {
        if cancelled.recv_timeout(delay) == Err(RecvTimeoutError::Timeout) {
            f();
        }
    });
    (cancel, thread)
}

fn main() {
    let millisecond = Duration::from_millis(1);
    let (_cancel, thread) = timer(millisecond, || println!("Time is up"));
    thread.join().unwrap();
    let hour = Duration::from_secs(3600);
    let (cancel, thread) = timer(hour, || println!("An hour has passed"));
    drop(cancel);
    thread.join().unwrap();
    println!("The second timer was cancelled");
}
// ANCHOR_END: timer
