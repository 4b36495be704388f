use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A thread that can be joined with a timeout.
pub struct Handle<T> {
    thread: JoinHandle<()>,
    result: Receiver<T>,
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
    let (sender, result) = mpsc::channel();
    let thread = thread::spawn(move || {
        sender.send(f()).unwrap();
    });
    Handle { thread, result }
}

/// Waits for the end of the thread, but no longer than `timeout`.
pub fn join_timeout<T: Send + 'static>(
    handle: Handle<T>,
    timeout: Duration,
) -> Joined<T> {
    match handle.result.recv_timeout(timeout) {
        Ok(value) => Joined::Returned(value),
        Err(_) => Joined::TimedOut(handle),
    }
}
