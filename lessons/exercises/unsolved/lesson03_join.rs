//! # Exercise 3: join with a timeout
//!
//! Python has `thread.join(timeout=1)`; the `JoinHandle` of `std` has no
//! timeout. Write `spawn` and `join_timeout`, and give `Handle` the fields that
//! they need.
//!
//! - `join_timeout` returns as soon as the thread ends, at the latest after
//!   `timeout`.
//! - While it waits, it blocks. It does not look again and again.
//! - After a timeout the caller can join the same thread again.
//! - A panic of the thread is not a timeout.
//!
//! Check it: `cargo test -p exercises lesson03`

use std::thread::JoinHandle;
use std::time::Duration;

/// A thread that can be joined with a timeout.
pub struct Handle<T> {
    thread: JoinHandle<T>,
}

/// What became of the thread.
pub enum Joined<T> {
    /// It returned this.
    Returned(T),
    /// It panicked.
    Panicked,
    /// It still runs, and can be joined again.
    TimedOut(Handle<T>),
}

/// Starts a thread.
pub fn spawn<T, F>(f: F) -> Handle<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    todo!()
}

/// Waits for the end of the thread, but no longer than `timeout`.
pub fn join_timeout<T: Send + 'static>(
    handle: Handle<T>,
    timeout: Duration,
) -> Joined<T> {
    todo!()
}
