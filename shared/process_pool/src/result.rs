//! The result of a task, or why there is none.

use std::fmt;
use std::process::ExitStatus;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The pool was closed, and takes no more tasks.
    Closed,
    /// `join` was called before `close` or `terminate`.
    StillRunning,
    /// The pool was terminated before the task was done.
    Terminated,
    /// The timeout passed before the task was done.
    Timeout,
    /// The task failed: in most cases it panicked.
    Failed(String),
    /// The task has killed this many workers, and was not tried again.
    GivenUp(u32),
    /// A worker could not be started.
    NoWorker(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => write!(f, "the pool is closed"),
            Self::StillRunning => write!(f, "the pool is still running"),
            Self::Terminated => write!(f, "not done, the pool was terminated"),
            Self::Timeout => write!(f, "not done yet"),
            Self::Failed(why) => write!(f, "{why}"),
            Self::GivenUp(n) => write!(f, "given up: it killed {n} workers"),
            Self::NoWorker(why) => write!(f, "no worker: {why}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::NoWorker(error.to_string())
    }
}

/// A worker that died, and what the pool did.
#[derive(Clone, Debug)]
pub struct WorkerDeath {
    /// The worker's process.
    pub pid: u32,
    /// How it ended, if the system reports it.
    pub status: Option<ExitStatus>,
    /// The process that takes its place.
    pub successor: u32,
    /// The name of the task that it was running.
    pub task: Option<&'static str>,
    /// Whether that task has been given up.
    pub given_up: bool,
}

impl fmt::Display for WorkerDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, successor, task, given_up, .. } = self;
        let status = self.status.map(|status| status.to_string());
        let status = status.as_deref().unwrap_or("unknown status");
        write!(f, "Worker {pid} ended ({status}), {successor} follows")?;
        match task {
            Some(task) if *given_up => write!(f, ", {task} is given up"),
            Some(task) => write!(f, ", {task} will run again"),
            None => Ok(()),
        }
    }
}

/// The handle to a result that may not be there yet.
pub struct AsyncResult<R>(Arc<Shared<R>>);

/// Where the pool puts the result, and its handle finds it.
pub(crate) struct Shared<R> {
    result: Mutex<Option<Result<R, Error>>>,
    completed: Condvar,
}

impl<R> AsyncResult<R> {
    pub(crate) fn new() -> (Arc<Shared<R>>, Self) {
        let result = Mutex::new(None);
        let shared = Arc::new(Shared { result, completed: Condvar::new() });
        (Arc::clone(&shared), Self(shared))
    }

    /// Waits for the result, and takes it.
    ///
    /// # Errors
    ///
    /// If the task failed, or will not be done.
    pub fn get(self) -> Result<R, Error> {
        let Shared { result, completed } = &*self.0;
        let guard = result.lock().unwrap();
        let guard = completed.wait_while(guard, |result| result.is_none());
        guard.unwrap().take().expect("the wait ends with a result")
    }

    /// Waits for the result at most as long as `timeout`.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if it has not come: ask again later.
    pub fn get_timeout(&self, timeout: Duration) -> Result<R, Error>
    where
        R: Clone,
    {
        let Shared { result, completed } = &*self.0;
        let guard = result.lock().unwrap();
        let is_none = |result: &mut Option<_>| result.is_none();
        let waited = completed.wait_timeout_while(guard, timeout, is_none);
        let (guard, _) = waited.unwrap();
        guard.clone().unwrap_or(Err(Error::Timeout))
    }

    /// Whether there is a result, or an error in its place.
    pub fn ready(&self) -> bool {
        self.0.result.lock().unwrap().is_some()
    }
}

impl<R> Shared<R> {
    pub(crate) fn complete(&self, result: Result<R, Error>) {
        *self.result.lock().unwrap() = Some(result);
        self.completed.notify_all();
    }
}

/// Puts the chunks of a `map` together, in their order.
pub(crate) struct Gather<R> {
    chunks: Vec<Vec<R>>,
    missing: usize,
    error: Option<Error>,
}

impl<R> Gather<R> {
    pub(crate) fn new(chunks: usize) -> Self {
        let chunks: Vec<_> = (0..chunks).map(|_| Vec::new()).collect();
        Self { missing: chunks.len(), chunks, error: None }
    }

    /// Adds one chunk; returns the results of all, or the first error, when
    /// none is missing.
    pub(crate) fn add(
        &mut self,
        at: usize,
        results: Result<Vec<R>, Error>,
    ) -> Option<Result<Vec<R>, Error>> {
        match results {
            Ok(results) => self.chunks[at] = results,
            Err(error) => _ = self.error.get_or_insert(error),
        }
        self.missing -= 1;
        (self.missing == 0).then(|| match self.error.take() {
            Some(error) => Err(error),
            None => Ok(self.chunks.drain(..).flatten().collect()),
        })
    }
}
