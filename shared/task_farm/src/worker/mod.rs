//! A worker: fetches tasks, calls a function with each, hands in the results.

mod function;
mod session;
mod stop;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pymanagers::{from_value, to_value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Lease, TaskSource, Value};
use function::FunctionThread;
use session::Session;

pub use stop::Stop;

/// How long a worker that is stopped waits for its farm to take the tasks
/// back.
const RELEASE_TIME: Duration = Duration::from_secs(2);

type Connect = Box<dyn FnMut() -> Result<Box<dyn TaskSource>, Error> + Send>;
type Function = Box<dyn FnMut(&Lease) -> Result<Value, String> + Send>;

/// A worker that keeps the rules of a lease: it extends the leases of what it
/// holds while its function runs, reports a failure as a failure, and when it
/// is stopped it releases what is not done.
///
/// ```
/// use std::time::Duration;
/// use task_farm::{JobOwner, MemoryJob, Report, Task, Worker};
///
/// let mut job = MemoryJob::new(Some(Duration::from_secs(60)));
/// job.put(&[Task { id: 0, body: 12.into() }])?;
/// let source = job.clone();
/// let worker = Worker::new(move || Ok(Box::new(source.clone())));
/// let stop = worker.stop_handle();
/// let working = std::thread::spawn(move || {
///     worker.run_values(|lease| match lease.task.body.as_int() {
///         Some(n) => Ok((n * n).into()),
///         None => Err("not a number".into()),
///     })
/// });
/// let reports = job.collect(Duration::from_secs(60))?;
/// assert!(matches!(&reports[..], [Report::Done(done)] if done.result == 144.into()));
/// job.close()?;
/// working.join().unwrap()?;
/// # Ok::<(), task_farm::Error>(())
/// ```
pub struct Worker {
    connect: Connect,
    batch: usize,
    poll: Duration,
    retry: Option<Duration>,
    stop_at: Vec<Value>,
    stop: Stop,
    tell: Box<dyn FnMut(WorkerEvent<'_>) + Send>,
}

/// What a worker has to tell.
#[derive(Debug, PartialEq)]
pub enum WorkerEvent<'a> {
    /// It asks for tasks.
    Asks,
    /// It has got so many.
    Got(usize),
    /// The job is closed: the worker ends.
    Closed,
    /// The farm is not there; it tries again.
    Waits(&'a Error),
    /// The farm is there again.
    Back,
    /// It was stopped, and has released so many tasks.
    Released(usize),
}

impl Worker {
    /// A worker of the farm at this URL, as [`open`](crate::open) has it.
    pub fn connect(url: &str, key: &[u8]) -> Self {
        let url = url.to_string();
        let key = key.to_vec();
        Self::new(move || crate::open(&url, &key))
    }

    /// A worker whose tasks come from what `connect` opens. It is called once,
    /// and again when the connection is lost and the worker retries.
    pub fn new(
        connect: impl FnMut() -> Result<Box<dyn TaskSource>, Error> + Send + 'static,
    ) -> Self {
        Self {
            connect: Box::new(connect),
            batch: 1,
            poll: Duration::from_secs(1),
            retry: None,
            stop_at: Vec::new(),
            stop: Stop::default(),
            tell: Box::new(|_| ()),
        }
    }

    /// How many tasks it takes at once; one, unless this says otherwise.
    #[must_use]
    pub fn batch(mut self, tasks: usize) -> Self {
        self.batch = tasks.max(1);
        self
    }

    /// How long one question for a task lasts; a second, unless this says
    /// otherwise. Under a Python master, an empty queue ends the worker after
    /// so long.
    #[must_use]
    pub fn poll(mut self, time: Duration) -> Self {
        self.poll = time;
        self
    }

    /// Waits for a farm that is not there, or has gone, and tries again about
    /// this often.
    #[must_use]
    pub fn retry_every(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }

    /// A task that is no task, but tells its worker to end: `None` is a
    /// common one. It has no result.
    #[must_use]
    pub fn stop_at(mut self, value: Value) -> Self {
        self.stop_at.push(value);
        self
    }

    /// Calls this with everything that the worker has to tell.
    #[must_use]
    pub fn tell(
        mut self,
        tell: impl FnMut(WorkerEvent<'_>) + Send + 'static,
    ) -> Self {
        self.tell = Box::new(tell);
        self
    }

    /// What stops this worker, from any thread.
    pub fn stop_handle(&self) -> Stop {
        self.stop.clone()
    }

    /// Works until the job is closed: calls the function with each task, any
    /// type that `serde` reads, and hands in what it returns, any type that
    /// `serde` writes. Its errors, a task of another type, and a panic are
    /// reported as failures.
    ///
    /// # Errors
    ///
    /// As for [`run_values`](Self::run_values).
    ///
    /// ```no_run
    /// use serde::{Deserialize, Serialize};
    /// use task_farm::Worker;
    ///
    /// #[derive(Deserialize)]
    /// struct Resize {
    ///     file: String,
    ///     width: u32,
    /// }
    ///
    /// #[derive(Serialize)]
    /// struct Resized {
    ///     bytes: u64,
    /// }
    ///
    /// Worker::connect("tcp://master.example:5000", b"abc").run(
    ///     |task: Resize| -> std::io::Result<Resized> {
    ///         let image = std::fs::read(task.file)?;
    ///         Ok(Resized { bytes: image.len() as u64 / u64::from(task.width) })
    ///     },
    /// )?;
    /// # Ok::<(), task_farm::Error>(())
    /// ```
    pub fn run<T, R, E>(
        self,
        mut function: impl FnMut(T) -> Result<R, E> + Send + 'static,
    ) -> Result<(), Error>
    where
        T: DeserializeOwned,
        R: Serialize,
        E: fmt::Display,
    {
        self.run_values(move |lease| {
            let task = from_value(lease.task.body.clone());
            let task = task.map_err(|error| format!("no task: {error}"))?;
            let result = function(task).map_err(|error| error.to_string())?;
            to_value(&result).map_err(|error| format!("no result: {error}"))
        })
    }

    /// The same, for a function that knows [`Value`]s.
    ///
    /// # Errors
    ///
    /// When the farm cannot be reached, and the worker does not retry;
    /// [`Error::Interrupted`] when it was stopped. It does not wait for the
    /// function then, which may go on in a thread of its own.
    pub fn run_values(
        self,
        function: impl FnMut(&Lease) -> Result<Value, String> + Send + 'static,
    ) -> Result<(), Error> {
        let (ended, end) = mpsc::channel();
        let asked = ended.clone();
        self.stop.on_stop(move || drop(asked.send(None)));
        let held = Arc::new(AtomicUsize::new(0));
        let function = FunctionThread::start(Box::new(function), &self.stop);
        let mut session = Session::new(self, function, held.clone());
        thread::spawn(move || ended.send(Some(session.run())));
        match end.recv().expect("it ends, or is stopped") {
            Some(result) => result,
            None => match end.recv_timeout(RELEASE_TIME) {
                Ok(result) => result.expect("it is stopped once"),
                Err(_) => {
                    let unreleased = held.load(Relaxed);
                    Err(Error::Interrupted { unreleased })
                }
            },
        }
    }
}
