use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

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
    Handle { thread: thread::spawn(f) }
}

/// Waits for the end of the thread, but no longer than `timeout`.
pub fn join_timeout<T: Send + 'static>(
    handle: Handle<T>,
    timeout: Duration,
) -> Joined<T> {
    let end = Instant::now() + timeout;
    while !handle.thread.is_finished() {
        if Instant::now() >= end {
            return Joined::TimedOut(handle);
        }
        thread::sleep(Duration::from_millis(1));
    }
    match handle.thread.join() {
        Ok(value) => Joined::Returned(value),
        Err(_) => Joined::Panicked,
    }
}
