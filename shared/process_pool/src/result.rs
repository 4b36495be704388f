//! The result of a task, or why there is none.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    state: Mutex<State<R>>,
    completed: Condvar,
}

type Callback<R> = Box<dyn FnOnce(&R) + Send>;

struct State<R> {
    result: Option<Result<R, Error>>,
    callbacks: VecDeque<Callback<R>>,
}

impl<R> AsyncResult<R> {
    pub(crate) fn new() -> (Arc<Shared<R>>, Self) {
        let state = State { result: None, callbacks: VecDeque::new() };
        let (state, completed) = (Mutex::new(state), Condvar::new());
        let shared = Arc::new(Shared { state, completed });
        (Arc::clone(&shared), Self(shared))
    }

    /// Calls `callback` with the result, before `get` returns it. The thread
    /// that listens to the worker calls it; if the result has already come, it
    /// is called at once. An error is not passed to it. If it panics, `get`
    /// returns the result all the same.
    pub fn callback(self, callback: impl FnOnce(&R) + Send + 'static) -> Self {
        let mut guard = self.0.state.lock().unwrap();
        match &guard.result {
            None => guard.callbacks.push_back(Box::new(callback)),
            Some(Ok(value)) => _ = isolate(|| callback(value)),
            Some(Err(_)) => {}
        }
        drop(guard);
        self
    }

    /// Waits for the result, and takes it.
    ///
    /// # Errors
    ///
    /// If the task failed, or will not be done.
    pub fn get(self) -> Result<R, Error> {
        let guard = self.0.state.lock().unwrap();
        let is_none = |state: &mut State<R>| state.result.is_none();
        let guard = self.0.completed.wait_while(guard, is_none);
        guard.unwrap().result.take().expect("the wait ends with a result")
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
        let guard = self.0.state.lock().unwrap();
        let is_none = |state: &mut State<R>| state.result.is_none();
        let waited =
            self.0.completed.wait_timeout_while(guard, timeout, is_none);
        waited.unwrap().0.result.clone().unwrap_or(Err(Error::Timeout))
    }

    /// Whether there is a result, or an error in its place.
    pub fn ready(&self) -> bool {
        self.0.state.lock().unwrap().result.is_some()
    }
}

impl<R> Shared<R> {
    pub(crate) fn complete(&self, result: Result<R, Error>) {
        let mut guard = self.state.lock().unwrap();
        while let Some(callback) = guard.callbacks.pop_front() {
            drop(guard);
            if let Ok(value) = &result {
                isolate(|| callback(value));
            }
            guard = self.state.lock().unwrap();
        }
        guard.result = Some(result);
        self.completed.notify_all();
    }
}

/// Puts the chunks of a `map` together, in their order.
pub(crate) struct Gather<R> {
    chunks: Vec<Result<Vec<R>, Error>>,
    missing: usize,
}

impl<R> Gather<R> {
    pub(crate) fn new(chunks: usize) -> Self {
        let missing = chunks;
        let chunks = (0..chunks).map(|_| Ok(Vec::new())).collect();
        Self { chunks, missing }
    }

    /// Adds one chunk; returns the results of all, or the first error, when
    /// none is missing.
    pub(crate) fn add(
        &mut self,
        index: usize,
        results: Result<Vec<R>, Error>,
    ) -> Option<Result<Vec<R>, Error>> {
        self.chunks[index] = results;
        self.missing -= 1;
        (self.missing == 0).then(|| {
            let count = self.chunks.iter().flatten().map(Vec::len).sum();
            let mut all = Vec::with_capacity(count);
            for chunk in self.chunks.drain(..) {
                all.append(&mut chunk?);
            }
            Ok(all)
        })
    }
}

/// Runs a caller's code; its panic must not end the thread that runs it.
pub(crate) fn isolate<T>(code: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(code)).ok()
}
