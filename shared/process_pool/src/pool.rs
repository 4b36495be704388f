//! The pool itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::{env, io, iter, mem};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::feeder::{Feeder, Hooks};
use crate::queue::{Job, JobQueue, isolate};
use crate::result::{AsyncResult, Error, Gather, WorkerDeath};
use crate::task::Task;
use crate::wire::{self, Request};
use crate::worker::{WORKER_ARGUMENT, is_uninitialized_worker};

/// Worker processes, and the tasks for them.
///
/// A pool that is dropped is terminated.
pub struct Pool {
    queue: Arc<JobQueue>,
    feeders: Mutex<Vec<JoinHandle<()>>>,
    size: usize,
    next_id: AtomicU64,
}

/// Settings of a pool; see [`Pool::builder`].
pub struct Builder {
    size: usize,
    hooks: Hooks,
}

impl Builder {
    /// The number of workers; without it, one for each usable core.
    #[must_use]
    pub fn size(mut self, size: usize) -> Self {
        self.size = size;
        self
    }

    /// How to start the worker with this index: a program that calls
    /// [`serve`](crate::serve). Without it, this program, whose `main` calls
    /// [`init`](crate::init).
    #[must_use]
    pub fn command(
        mut self,
        command: impl Fn(usize) -> io::Result<Command> + Send + Sync + 'static,
    ) -> Self {
        self.hooks.command = Box::new(command);
        self
    }

    /// Called for each worker that dies, in place of a line on standard error.
    #[must_use]
    pub fn on_death(
        mut self,
        callback: impl Fn(&WorkerDeath) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.on_death = Box::new(callback);
        self
    }

    /// Called with the pid of each worker that has exited, for any reason.
    #[must_use]
    pub fn on_exit(
        mut self,
        callback: impl Fn(u32) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.on_exit = Box::new(callback);
        self
    }

    /// Starts the workers; all of them are ready when this returns.
    ///
    /// # Errors
    ///
    /// If a worker cannot be started.
    ///
    /// # Panics
    ///
    /// If the size is 0.
    pub fn build(self) -> Result<Pool, Error> {
        let Self { size, hooks } = self;
        assert!(size > 0, "a pool has at least one worker");
        if is_uninitialized_worker() {
            let why = "`main` must call `process_pool::init` first";
            return Err(Error::NoWorker(why.into()));
        }
        let queue = Arc::new(JobQueue::new(size));
        let hooks = Arc::new(hooks);
        let start = |index| Feeder::start(&queue, &hooks, index);
        let mut feeders =
            (0..size).map(start).collect::<Result<Vec<_>, _>>()?;
        for feeder in &mut feeders {
            feeder.wait_until_started()?;
        }
        let run = |feeder: Feeder| thread::spawn(move || feeder.run());
        let feeders = Mutex::new(feeders.into_iter().map(run).collect());
        Ok(Pool { queue, feeders, size, next_id: AtomicU64::new(0) })
    }
}

impl Pool {
    /// Starts a pool with this many workers.
    ///
    /// # Errors
    ///
    /// If a worker cannot be started.
    ///
    /// # Panics
    ///
    /// If the size is 0.
    pub fn new(size: usize) -> Result<Self, Error> {
        Self::builder().size(size).build()
    }

    /// A pool with other settings, or with the default size.
    pub fn builder() -> Builder {
        let this_program = |_| {
            let mut command = Command::new(env::current_exe()?);
            command.arg(WORKER_ARGUMENT);
            Ok(command)
        };
        let hooks = Hooks {
            command: Box::new(this_program),
            on_death: Box::new(|death| eprintln!("{death}")),
            on_exit: Box::new(|_| ()),
        };
        Builder { size: usable_cores(), hooks }
    }

    /// The pids of the workers.
    pub fn pids(&self) -> Vec<u32> {
        self.queue.pids()
    }

    /// Submits a task, and returns at once.
    ///
    /// # Errors
    ///
    /// If the pool takes no more tasks.
    pub fn apply_async<A, R>(
        &self,
        task: &Task<A, R>,
        arg: A,
    ) -> Result<AsyncResult<R>, Error>
    where
        A: Serialize,
        R: DeserializeOwned + Send + 'static,
    {
        self.apply_async_then(task, arg, |_| ())
    }

    /// The same; `callback` receives the result before `get` does, in this
    /// process and in the thread that listens to the worker. If it panics,
    /// `get` returns the result all the same.
    ///
    /// # Errors
    ///
    /// If the pool takes no more tasks.
    pub fn apply_async_then<A, R>(
        &self,
        task: &Task<A, R>,
        arg: A,
        callback: impl FnOnce(&R) + Send + 'static,
    ) -> Result<AsyncResult<R>, Error>
    where
        A: Serialize,
        R: DeserializeOwned + Send + 'static,
    {
        let (shared, result) = AsyncResult::new();
        self.queue.reserve(1)?;
        let done = move |results: Result<Vec<R>, Error>| {
            let result = results.map(|mut all| all.remove(0));
            if let Ok(result) = &result {
                isolate(|| callback(result));
            }
            shared.complete(result);
        };
        self.queue.submit(self.job(task, iter::once(arg), done));
        Ok(result)
    }

    /// Calls the task with each of `args` and waits for the results, in the
    /// order of `args`.
    ///
    /// # Errors
    ///
    /// If the pool takes no more tasks, or one of these has failed.
    ///
    /// # Panics
    ///
    /// If `chunk` is 0.
    pub fn map<A, R, I>(
        &self,
        task: &Task<A, R>,
        args: I,
        chunk: impl Into<Option<usize>>,
    ) -> Result<Vec<R>, Error>
    where
        A: Serialize,
        R: DeserializeOwned + Send + 'static,
        I: IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
    {
        self.map_async(task, args, chunk)?.get()
    }

    /// The same, but returns at once. Tasks go to the workers in chunks of
    /// `chunk`; without it there are about four for each worker.
    ///
    /// # Errors
    ///
    /// If the pool takes no more tasks.
    ///
    /// # Panics
    ///
    /// If `chunk` is 0.
    pub fn map_async<A, R, I>(
        &self,
        task: &Task<A, R>,
        args: I,
        chunk: impl Into<Option<usize>>,
    ) -> Result<AsyncResult<Vec<R>>, Error>
    where
        A: Serialize,
        R: DeserializeOwned + Send + 'static,
        I: IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
    {
        self.map_async_then(task, args, chunk, |_| ())
    }

    /// The same; `callback` receives all results before `get` does.
    ///
    /// # Errors
    ///
    /// If the pool takes no more tasks.
    ///
    /// # Panics
    ///
    /// If `chunk` is 0.
    pub fn map_async_then<A, R, I>(
        &self,
        task: &Task<A, R>,
        args: I,
        chunk: impl Into<Option<usize>>,
        callback: impl FnOnce(&[R]) + Send + 'static,
    ) -> Result<AsyncResult<Vec<R>>, Error>
    where
        A: Serialize,
        R: DeserializeOwned + Send + 'static,
        I: IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
    {
        let args = args.into_iter();
        let chunk = chunk.into().unwrap_or_else(|| self.chunk(args.len()));
        let chunks = args.len().div_ceil(chunk);
        let (shared, result) = AsyncResult::new();
        let complete = move |results: Result<Vec<R>, Error>| {
            if let Ok(results) = &results {
                isolate(|| callback(results));
            }
            shared.complete(results);
        };
        self.queue.reserve(chunks)?;
        if chunks == 0 {
            complete(Ok(Vec::new()));
            return Ok(result);
        }
        let gather = Mutex::new((Gather::new(chunks), Some(complete)));
        let gather = Arc::new(gather);
        self.submit_chunks(task, args, chunk, |at| {
            let gather = Arc::clone(&gather);
            move |results| {
                let mut guard = gather.lock().unwrap();
                if let Some(all) = guard.0.add(at, results) {
                    let complete = guard.1.take().expect("complete once");
                    drop(guard);
                    complete(all);
                }
            }
        });
        Ok(result)
    }

    /// The results in the order in which the tasks end. A chunk that fails is
    /// one error.
    ///
    /// # Errors
    ///
    /// If the pool takes no more tasks.
    ///
    /// # Panics
    ///
    /// If `chunk` is 0.
    pub fn imap_unordered<A, R, I>(
        &self,
        task: &Task<A, R>,
        args: I,
        chunk: usize,
    ) -> Result<impl Iterator<Item = Result<R, Error>> + use<A, R, I>, Error>
    where
        A: Serialize,
        R: DeserializeOwned + Send + 'static,
        I: IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
    {
        let args = args.into_iter();
        self.queue.reserve(args.len().div_ceil(chunk))?;
        let (sender, results) = mpsc::channel();
        self.submit_chunks(task, args, chunk, |_| {
            let sender = sender.clone();
            // If the caller has dropped the iterator, it wants no more.
            move |results| _ = sender.send(results)
        });
        Ok(results.into_iter().flat_map(|chunk| {
            let (results, error) = match chunk {
                Ok(results) => (results, None),
                Err(error) => (Vec::new(), Some(Err(error))),
            };
            results.into_iter().map(Ok).chain(error)
        }))
    }

    /// CPython's default: about four chunks for each worker.
    pub fn chunk(&self, args: usize) -> usize {
        args.div_ceil(4 * self.size).max(1)
    }

    /// Takes no more tasks. Those that it has will be done.
    pub fn close(&self) {
        self.queue.close();
    }

    /// Kills the workers at once. Tasks that are not done get
    /// [`Error::Terminated`].
    pub fn terminate(&self) {
        self.queue.terminate(&Error::Terminated);
    }

    /// Waits until everything is done and all workers have exited.
    ///
    /// # Errors
    ///
    /// If the pool is neither closed nor terminated.
    pub fn join(&self) -> Result<(), Error> {
        if self.queue.is_running() {
            return Err(Error::StillRunning);
        }
        let feeders = mem::take(&mut *self.feeders.lock().unwrap());
        for feeder in feeders {
            feeder.join().expect("a feeder does not panic");
        }
        Ok(())
    }

    /// Submits the chunks that are reserved, some at once.
    fn submit_chunks<A, R, D>(
        &self,
        task: &Task<A, R>,
        mut args: impl ExactSizeIterator<Item = A>,
        chunk: usize,
        done: impl Fn(usize) -> D,
    ) where
        A: Serialize,
        R: DeserializeOwned,
        D: FnOnce(Result<Vec<R>, Error>) + Send + 'static,
    {
        let mut jobs = Vec::new();
        for at in 0..args.len().div_ceil(chunk) {
            let args = args.by_ref().take(chunk);
            jobs.extend(self.job(task, args, done(at)));
            if jobs.len() * chunk >= SUBMIT_AT_ONCE {
                self.queue.submit(jobs.drain(..));
            }
        }
        self.queue.submit(jobs);
    }

    /// A task with its serialized arguments; if these cannot be serialized,
    /// the job is complete.
    fn job<A: Serialize, R: DeserializeOwned>(
        &self,
        task: &Task<A, R>,
        args: impl ExactSizeIterator<Item = A>,
        done: impl FnOnce(Result<Vec<R>, Error>) + Send + 'static,
    ) -> Option<Job> {
        let id = self.next_id.fetch_add(1, Relaxed);
        let name = task.name();
        let count = args.len();
        let request = Request { id, task: name, count };
        let encoded =
            wire::encode(&request, |message| wire::append(args, message));
        let done = Box::new(move |bytes: Result<&[u8], Error>| {
            done(bytes.and_then(|bytes| decode(name, bytes, count)));
        });
        let (message, error) = match encoded {
            Ok(message) => (message, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let job = Job { id, name, message, deaths: 0, done };
        let Some(error) = error else { return Some(job) };
        let why = format!("{name} cannot be serialized: {error}");
        self.queue.complete(job, Err(Error::Failed(why)));
        None
    }
}

/// The results of a task. A `Deserialize` that panics is an error, too.
fn decode<R: DeserializeOwned>(
    name: &str,
    bytes: &[u8],
    count: usize,
) -> Result<Vec<R>, Error> {
    let decode = || {
        let mut deserializer = postcard::Deserializer::from_bytes(bytes);
        let mut results = Vec::with_capacity(count);
        for _ in 0..count {
            results.push(R::deserialize(&mut deserializer)?);
        }
        Ok::<_, postcard::Error>(results)
    };
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    decoded.ok().and_then(Result::ok).ok_or_else(|| {
        Error::Failed(format!("{name} returned what cannot be deserialized"))
    })
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.terminate();
        let _ = self.join();
    }
}

/// About this many arguments of a `map` are submitted at once.
const SUBMIT_AT_ONCE: usize = 64;

/// The cores that this process may use.
pub fn usable_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
