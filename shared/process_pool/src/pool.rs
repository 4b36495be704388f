//! The pool itself.

use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::{env, io, iter, mem};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::feeder::feed;
use crate::queue::{Hooks, Job, JobQueue, Sink};
use crate::result::{AsyncResult, Error, Gather, WorkerDeath, isolate};
use crate::task::Task;
use crate::wire;
use crate::worker::{WORKER_ARGUMENT, is_uninitialized_worker};

/// Worker processes, and the tasks for them.
///
/// A pool that is dropped is terminated.
pub struct Pool {
    queue: Arc<JobQueue>,
    feeders: Mutex<Vec<JoinHandle<()>>>,
    size: usize,
}

/// Settings of a pool; see [`Pool::builder`].
///
/// ```standalone_crate
/// use std::thread::sleep;
/// use std::time::Duration;
///
/// use process_pool::{Error, Pool, Task, WorkerDeath};
///
/// const NAP: Task<u64, ()> =
///     Task::new("nap", |seconds| sleep(Duration::from_secs(seconds)));
///
/// fn main() -> Result<(), Error> {
///     process_pool::init(&[&NAP]);
///     let report = |death: &WorkerDeath| eprintln!("{death}");
///     let pool = Pool::builder().size(2).on_death(report).build()?;
///     let nap = pool.apply_async(&NAP, 3600)?;
///     assert_eq!(nap.get_timeout(Duration::ZERO), Err(Error::Timeout));
///     pool.terminate();
///     pool.join()?;
///     assert_eq!(nap.get(), Err(Error::Terminated));
///     Ok(())
/// }
/// ```
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
        let queue = Arc::new(JobQueue::new(size, hooks));
        let (sender, started) = mpsc::channel();
        let start = |index| {
            let queue = Arc::clone(&queue);
            let sender = sender.clone();
            thread::spawn(move || feed(&queue, index, &sender))
        };
        let feeders = Mutex::new((0..size).map(start).collect());
        let pool = Pool { queue, feeders, size };
        // If one fails, the pool is dropped, and ends the others.
        started.iter().take(size).collect::<Result<(), _>>()?;
        Ok(pool)
    }
}

impl Pool {
    /// Starts a pool with this many workers. Errors and panics are those of
    /// [`Builder::build`].
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
    /// If the pool is closed, or the argument cannot be serialized.
    pub fn apply_async<A: Serialize, R: DeserializeOwned + Send + 'static>(
        &self,
        task: &Task<A, R>,
        arg: A,
    ) -> Result<AsyncResult<R>, Error> {
        let (shared, result) = AsyncResult::new();
        self.submit(task, iter::once(arg), 1, move |_, results| {
            shared.complete(results.map(|mut all| all.remove(0)));
        })?;
        Ok(result)
    }

    /// Calls the task with each of `args` and waits for the results, in the
    /// order of `args`: [`Pool::map_async`] and [`AsyncResult::get`].
    pub fn map<A: Serialize, R: DeserializeOwned + Send + 'static>(
        &self,
        task: &Task<A, R>,
        args: impl IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
        chunk: impl Into<Option<usize>>,
    ) -> Result<Vec<R>, Error> {
        self.map_async(task, args, chunk)?.get()
    }

    /// Calls the task with each of `args`, and returns at once. The tasks travel
    /// in chunks of this size, [`Pool::chunk`] without it; so the number of
    /// `args` must be known. The result has the order of `args`; if tasks fail,
    /// it is the error of the first.
    ///
    /// # Errors
    ///
    /// If the pool is closed, or an argument cannot be serialized.
    ///
    /// # Panics
    ///
    /// If `chunk` is 0.
    pub fn map_async<A: Serialize, R: DeserializeOwned + Send + 'static>(
        &self,
        task: &Task<A, R>,
        args: impl IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
        chunk: impl Into<Option<usize>>,
    ) -> Result<AsyncResult<Vec<R>>, Error> {
        let args = args.into_iter();
        let chunk = chunk.into().unwrap_or_else(|| self.chunk(args.len()));
        let chunk = readable::<A, R>(chunk);
        let (shared, result) = AsyncResult::new();
        if args.len() == 0 {
            shared.complete(Ok(Vec::new()));
        }
        let gather = Mutex::new(Gather::new(args.len().div_ceil(chunk)));
        self.submit(task, args, chunk, move |index, results| {
            let all = gather.lock().unwrap().add(index, results);
            if let Some(all) = all {
                shared.complete(all);
            }
        })?;
        Ok(result)
    }

    /// The results in the order in which the tasks end. A chunk that fails is
    /// one error. Other errors and panics are those of [`Pool::map_async`].
    pub fn imap_unordered<A, R, I>(
        &self,
        task: &Task<A, R>,
        args: I,
        chunk: usize,
    ) -> Result<impl Iterator<Item = Result<R, Error>> + use<A, R, I>, Error>
    where
        I: IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
        A: Serialize,
        R: DeserializeOwned + Send + 'static,
    {
        let (sender, results) = mpsc::channel();
        let chunk = readable::<A, R>(chunk);
        self.submit(task, args.into_iter(), chunk, move |_, results| {
            // If the caller has dropped the iterator, it wants no more.
            _ = sender.send(results);
        })?;
        Ok(results.into_iter().flat_map(|chunk| match chunk {
            Ok(results) => results.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
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
        if !self.queue.is_closed() {
            return Err(Error::StillRunning);
        }
        let feeders = mem::take(&mut *self.feeders.lock().unwrap());
        for feeder in feeders {
            feeder.join().expect("a feeder does not panic");
        }
        Ok(())
    }

    /// Submits `args` in chunks; `done` takes the results of each chunk, and
    /// its index.
    fn submit<A: Serialize, R: DeserializeOwned>(
        &self,
        task: &Task<A, R>,
        mut args: impl ExactSizeIterator<Item = A>,
        chunk: usize,
        done: impl Fn(usize, Result<Vec<R>, Error>) + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let task = task.name();
        let sink: Arc<Sink> = Arc::new(move |job, payload| {
            let results = payload.and_then(|payload| {
                let results = isolate(|| bitcode::deserialize(payload));
                results.and_then(Result::ok).ok_or_else(|| {
                    Error::Failed(format!(
                        "{task} returned bytes of another type"
                    ))
                })
            });
            done(job.index, results);
        });
        let mut jobs = Vec::new();
        for index in 0..args.len().div_ceil(chunk) {
            let args: Vec<A> = args.by_ref().take(chunk).collect();
            // A type of the caller's may make `bitcode` panic.
            let args = isolate(|| bitcode::serialize(&args));
            let args = match args {
                Some(Ok(args)) => Ok(args),
                Some(Err(why)) => Err(why.to_string()),
                None => Err("its format has no such value".into()),
            };
            let args = args.map_err(|why| {
                Error::Failed(format!("{task} cannot be serialized: {why}"))
            })?;
            let message = wire::request(task, &args);
            let sink = Arc::clone(&sink);
            jobs.push(Job { task, message, index, deaths: 0, sink });
            if jobs.len() * chunk >= SUBMIT_AT_ONCE {
                self.queue.submit(jobs.drain(..))?;
            }
        }
        self.queue.submit(jobs)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.terminate();
        let _ = self.join();
    }
}

/// `bitcode` reads no more values that take no memory than these at once.
fn readable<A, R>(chunk: usize) -> usize {
    match size_of::<A>() == 0 || size_of::<R>() == 0 {
        true => chunk.min(1 << 16),
        false => chunk,
    }
}

/// About this many arguments of a `map` are submitted at once.
const SUBMIT_AT_ONCE: usize = 64;

/// The cores that this process may use.
pub fn usable_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
