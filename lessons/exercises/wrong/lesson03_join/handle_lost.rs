use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A thread that can be joined with a timeout.
pub struct Handle<T> {
    thread: Option<JoinHandle<T>>,
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
    Handle { thread: Some(thread::spawn(f)) }
}

/// Waits for the end of the thread, but no longer than `timeout`.
pub fn join_timeout<T: Send + 'static>(
    handle: Handle<T>,
    timeout: Duration,
) -> Joined<T> {
    let Some(thread) = handle.thread else {
        return Joined::TimedOut(handle);
    };
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(thread.join()));
    match result.recv_timeout(timeout) {
        Ok(Ok(value)) => Joined::Returned(value),
        Ok(Err(_)) => Joined::Panicked,
        Err(_) => Joined::TimedOut(Handle { thread: None }),
    }
}
