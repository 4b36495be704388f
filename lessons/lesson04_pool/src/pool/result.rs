//! What becomes of a task: its result, or why there is none.

use std::fmt;
use std::process::ExitStatus;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The pool was closed, and takes no more tasks.
    Closed,
    /// `join` before `close` or `terminate`.
    StillRunning,
    /// The pool was terminated before the task was done.
    Terminated,
    /// The time was up before the task was done.
    Timeout,
    /// The task failed. It panicked, in most cases.
    Failed(String),
    /// The task has killed this many workers, and was not tried again.
    GivenUp(u32),
    /// A worker could not be started, and there is nobody to run the task.
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

/// A worker that ended although it should not, and what the pool did.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Who it was.
    pub pid: u32,
    /// How it ended, if the system told.
    pub status: Option<ExitStatus>,
    /// Who takes its place.
    pub successor: u32,
    /// The name of the task that it was at.
    pub task: Option<&'static str>,
    /// Whether that task has been given up.
    pub given_up: bool,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, successor, task, given_up, .. } = self;
        let status = self.status.map(|status| status.to_string());
        let status = status.as_deref().unwrap_or("nobody knows how");
        write!(f, "Worker {pid} ended ({status}), {successor} follows")?;
        match task {
            Some(task) if *given_up => write!(f, ", {task} is given up"),
            Some(task) => write!(f, ", {task} will run again"),
            None => Ok(()),
        }
    }
}

/// The handle to a result that may not be there yet.
pub struct AsyncResult<R>(Arc<Place<R>>);

/// Where the result will be put.
struct Place<R> {
    result: Mutex<Option<Result<R, Error>>>,
    came: Condvar,
}

impl<R> AsyncResult<R> {
    /// Waits for the result, and takes it.
    ///
    /// # Errors
    ///
    /// When there is none, and will be none.
    pub fn get(self) -> Result<R, Error> {
        let result = self.0.result.lock().unwrap();
        let mut result = self.0.came.wait_while(result, |r| r.is_none());
        result.as_mut().unwrap().take().expect("we have waited for it")
    }

    /// Waits for the result, but no longer than `limit`.
    ///
    /// # Errors
    ///
    /// `Error::Timeout` when it has not come: ask again later.
    pub fn get_timeout(&self, limit: Duration) -> Result<R, Error>
    where
        R: Clone,
    {
        let Place { result, came } = &*self.0;
        let result = result.lock().unwrap();
        let waited = came.wait_timeout_while(result, limit, |r| r.is_none());
        let (result, _) = waited.unwrap();
        result.clone().unwrap_or(Err(Error::Timeout))
    }

    /// Whether there is a result, or an error instead.
    pub fn ready(&self) -> bool {
        self.0.result.lock().unwrap().is_some()
    }
}

/// The other end of the handle, for the pool.
pub(super) struct Promise<R>(Arc<Place<R>>);

pub(super) fn promise<R>() -> (Promise<R>, AsyncResult<R>) {
    let (result, came) = (Mutex::new(None), Condvar::new());
    let place = Arc::new(Place { result, came });
    (Promise(Arc::clone(&place)), AsyncResult(place))
}

impl<R> Promise<R> {
    pub(super) fn keep(self, result: Result<R, Error>) {
        *self.0.result.lock().unwrap() = Some(result);
        self.0.came.notify_all();
    }
}

/// Puts the chunks of a `map` together, in their order.
pub(super) struct Gather<R>(Mutex<Gathered<R>>);

struct Gathered<R> {
    chunks: Vec<Vec<R>>,
    missing: usize,
    /// The first error, if there is any.
    error: Option<Error>,
    promise: Option<Promise<Vec<R>>>,
}

impl<R> Gather<R> {
    pub(super) fn new(chunks: usize) -> (Arc<Self>, AsyncResult<Vec<R>>) {
        let (promise, result) = promise();
        let gather = Gathered {
            chunks: (0..chunks).map(|_| Vec::new()).collect(),
            missing: chunks,
            error: None,
            promise: Some(promise),
        };
        let gather = Arc::new(Self(Mutex::new(gather)));
        if chunks == 0 {
            gather.all_there();
        }
        (gather, result)
    }

    pub(super) fn put(&self, at: usize, results: Result<Vec<R>, Error>) {
        let mut gather = self.0.lock().unwrap();
        match results {
            Ok(results) => gather.chunks[at] = results,
            Err(error) => _ = gather.error.get_or_insert(error),
        }
        gather.missing -= 1;
        if gather.missing == 0 {
            drop(gather);
            self.all_there();
        }
    }

    fn all_there(&self) {
        let mut gather = self.0.lock().unwrap();
        let results = match gather.error.take() {
            Some(error) => Err(error),
            None => {
                let count = gather.chunks.iter().map(Vec::len).sum();
                let mut all = Vec::with_capacity(count);
                gather.chunks.drain(..).for_each(|chunk| all.extend(chunk));
                Ok(all)
            }
        };
        let promise = gather.promise.take().expect("it is there only once");
        promise.keep(results);
    }
}
