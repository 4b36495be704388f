//! A pool of worker processes, as `multiprocessing.Pool`.
//!
//! Workers are this program again, in the role `worker`; its `main` has to
//! name the role and give it the table of tasks:
//!
//! ```ignore
//! const SQUARE: Task<u32, u32> = Task::new("square", |n| n * n);
//!
//! fn main() -> ExitCode {
//!     Lesson::new("squares", "Squares, in other processes")
//!         .part("squares", "ten of them", squares)
//!         .role(pool::ROLE, |_| pool::serve(&[&SQUARE]))
//!         .run()
//! }
//!
//! fn squares() -> Result<(), Box<dyn Error>> {
//!     let pool = Pool::new(None)?;
//!     println!("{:?}", pool.map(&SQUARE, 0..10, None)?);
//!     pool.close();
//!     Ok(pool.join()?)
//! }
//! ```
//!
//! - [`task`]: a function that workers know by its name.
//! - [`result`]: the handle to a result, and what can go wrong.
//! - [`queue`]: what waits, and who may have it.
//! - [`feeder`]: the pool's side of a worker, a thread each.
//! - [`worker`]: the worker's side.
//! - [`wire`]: what goes between them; [`link`]: through what.
//!
//! A task runs at least once. It runs again when its worker dies, also if it
//! was nearly done; a task that must not be done twice has to see to that.

mod feeder;
mod link;
mod queue;
mod result;
mod task;
mod wire;
mod worker;

pub use feeder::ROLE;
pub use result::{AsyncResult, Error, Loss};
pub use task::{Named, Task};
pub use wire::Bytes;
pub use worker::serve;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::{iter, mem};

use feeder::{Feeder, Worker};
use queue::{Job, Shared};
use result::Gather;
use wire::Kind;

/// So many worker processes, and their work.
///
/// A pool that is dropped is terminated.
pub struct Pool {
    shared: Arc<Shared>,
    feeders: Mutex<Vec<JoinHandle<()>>>,
    ids: AtomicU64,
}

impl Pool {
    /// Starts `size` workers, or as many as there are cores to use; all of
    /// them are there when this returns.
    ///
    /// # Errors
    ///
    /// When a worker cannot be started.
    ///
    /// # Panics
    ///
    /// When `size` is 0.
    pub fn new(size: impl Into<Option<usize>>) -> Result<Self, Error> {
        let size = size.into().unwrap_or_else(usable_cores);
        assert!(size > 0, "a pool has at least one worker");
        let shared = Arc::new(Shared::new(size));
        let start = |me| Worker::start(&shared, me);
        let mut workers =
            (0..size).map(start).collect::<Result<Vec<_>, _>>()?;
        for worker in &mut workers {
            worker.hello()?;
        }
        let feeders = workers.into_iter().enumerate().map(|(me, worker)| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || Feeder::new(&shared, me, worker).run())
        });
        let feeders = Mutex::new(feeders.collect());
        Ok(Self { shared, feeders, ids: AtomicU64::new(0) })
    }

    /// Calls `tell` for each worker that is lost, instead of printing a line
    /// on standard error.
    #[must_use]
    pub fn on_loss(self, tell: impl Fn(&Loss) + Send + 'static) -> Self {
        self.shared.on_loss(Box::new(tell));
        self
    }

    /// The pids of the workers.
    pub fn pids(&self) -> Vec<u32> {
        self.shared.pids()
    }

    /// Hands a task over, and returns at once.
    ///
    /// # Errors
    ///
    /// When the pool takes no more tasks.
    pub fn apply_async<A, R>(
        &self,
        task: &Task<A, R>,
        arg: A,
    ) -> Result<AsyncResult<R>, Error>
    where
        A: Bytes,
        R: Bytes + Send + 'static,
    {
        self.apply_async_then(task, arg, |_| ())
    }

    /// The same; `callback` gets the result as soon as it is there, in this
    /// process and in the thread that reads what the worker sends.
    ///
    /// # Errors
    ///
    /// When the pool takes no more tasks.
    pub fn apply_async_then<A, R>(
        &self,
        task: &Task<A, R>,
        arg: A,
        callback: impl FnOnce(&R) + Send + 'static,
    ) -> Result<AsyncResult<R>, Error>
    where
        A: Bytes,
        R: Bytes + Send + 'static,
    {
        let (promise, result) = result::promise();
        self.shared.open(1)?;
        let job = self.job(task, iter::once(arg), move |results| {
            let result = results.map(|mut all| all.remove(0));
            if let Ok(result) = &result {
                callback(result);
            }
            promise.keep(result);
        });
        self.shared.submit([job]);
        Ok(result)
    }

    /// Calls the task with each of `args` and waits for all results, which
    /// come in the order of `args`.
    ///
    /// # Errors
    ///
    /// When the pool takes no more tasks, or one of these has failed.
    ///
    /// # Panics
    ///
    /// When `chunk` is 0.
    pub fn map<A, R, I>(
        &self,
        task: &Task<A, R>,
        args: I,
        chunk: impl Into<Option<usize>>,
    ) -> Result<Vec<R>, Error>
    where
        A: Bytes,
        R: Bytes + Send + 'static,
        I: IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
    {
        self.map_async(task, args, chunk)?.get()
    }

    /// The same, but returns at once. Tasks go to the workers in chunks of
    /// `chunk`; without it there are about four for each worker.
    ///
    /// # Errors
    ///
    /// When the pool takes no more tasks.
    ///
    /// # Panics
    ///
    /// When `chunk` is 0.
    pub fn map_async<A, R, I>(
        &self,
        task: &Task<A, R>,
        args: I,
        chunk: impl Into<Option<usize>>,
    ) -> Result<AsyncResult<Vec<R>>, Error>
    where
        A: Bytes,
        R: Bytes + Send + 'static,
        I: IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
    {
        let mut args = args.into_iter();
        let chunk = chunk.into().unwrap_or_else(|| self.chunk(args.len()));
        let chunks = args.len().div_ceil(chunk);
        let (gather, result) = Gather::new(chunks);
        self.shared.open(chunks)?;
        let mut jobs = Vec::new();
        for at in 0..chunks {
            let (gather, args) =
                (Arc::clone(&gather), args.by_ref().take(chunk));
            let put = move |results| gather.put(at, results);
            jobs.push(self.job(task, args, put));
            if jobs.len() * chunk >= AT_ONCE {
                self.shared.submit(jobs.drain(..));
            }
        }
        self.shared.submit(jobs);
        Ok(result)
    }

    /// CPython's default: four chunks for each worker, or a bit more.
    pub fn chunk(&self, args: usize) -> usize {
        args.div_ceil(4 * self.shared.size()).max(1)
    }

    /// Takes no more tasks. Those that it has will be done.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Ends the workers at once. What is not done, is not done.
    pub fn terminate(&self) {
        self.shared.terminate(&Error::Terminated);
    }

    /// Waits until everything is done and no worker is left.
    ///
    /// # Errors
    ///
    /// When the pool is neither closed nor terminated: it could take long.
    pub fn join(&self) -> Result<(), Error> {
        if self.shared.is_open() {
            return Err(Error::StillRunning);
        }
        let feeders = mem::take(&mut *self.feeders.lock().unwrap());
        for feeder in feeders {
            feeder.join().expect("a feeder does not panic");
        }
        Ok(())
    }

    /// A task with its arguments as bytes, under way to a worker.
    fn job<A: Bytes, R: Bytes>(
        &self,
        task: &Task<A, R>,
        args: impl ExactSizeIterator<Item = A>,
        done: impl FnOnce(Result<Vec<R>, Error>) + Send + 'static,
    ) -> Job {
        let (id, count) = (self.ids.fetch_add(1, Relaxed), args.len());
        let frame = wire::frame(Kind::Task, id, |body| {
            (count as u64).put(body);
            wire::put_text(task.name, body);
            args.for_each(|arg| arg.put(body));
        });
        let garbled = || Error::Failed("results cannot be read".into());
        let done = move |bytes: Result<&[u8], Error>| {
            done(bytes.and_then(|mut bytes| {
                let results = (0..count).map(|_| R::take(&mut bytes));
                results.collect::<Option<_>>().ok_or_else(garbled)
            }));
        };
        Job { id, name: task.name, frame, deaths: 0, done: Box::new(done) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.terminate();
        let _ = self.join();
    }
}

/// So many arguments of a `map` are handed over at once.
const AT_ONCE: usize = 64;

/// The cores that this process may use.
pub fn usable_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
