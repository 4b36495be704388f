//! Work that may never end.

use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// After this time, work that takes milliseconds is stuck.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// Does the work in a thread of its own. `Err` is the line for the reader, if
/// the work does not end.
pub fn within<T: Send + 'static>(
    stuck: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (sender, result) = mpsc::channel();
    let thread = thread::spawn(move || sender.send(work()));
    match result.recv_timeout(PATIENCE) {
        Ok(result) => Ok(result),
        Err(RecvTimeoutError::Timeout) => Err(stuck.into()),
        Err(RecvTimeoutError::Disconnected) => {
            resume_unwind(thread.join().expect_err("it sent nothing"))
        }
    }
}
