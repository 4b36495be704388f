//! The thread owns a sender. However the thread ends, the sender is dropped,
//! and that wakes the receiver.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A thread that can be joined with a timeout.
pub struct Handle<T> {
    thread: JoinHandle<T>,
    /// Nothing is sent: it is disconnected when the thread ends.
    running: Receiver<()>,
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
    let (alive, running) = mpsc::channel();
    let thread = thread::spawn(move || {
        let _alive: mpsc::Sender<()> = alive;
        f()
    });
    Handle { thread, running }
}

/// Waits for the end of the thread, but no longer than `timeout`.
pub fn join_timeout<T: Send + 'static>(
    handle: Handle<T>,
    timeout: Duration,
) -> Joined<T> {
    match handle.running.recv_timeout(timeout) {
        Err(RecvTimeoutError::Timeout) => Joined::TimedOut(handle),
        _ => match handle.thread.join() {
            Ok(value) => Joined::Returned(value),
            Err(_) => Joined::Panicked,
        },
    }
}
