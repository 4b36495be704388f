//! What a worker is to do, and what it tells.

use std::time::Duration;

use super::stop::Stop;
use crate::{Error, Lease, TaskSource, Value};

pub(super) type Connect =
    Box<dyn FnMut() -> Result<Box<dyn TaskSource>, Error> + Send>;
pub(super) type Function =
    Box<dyn FnMut(&Lease) -> Result<Value, String> + Send>;

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
    pub(super) connect: Connect,
    pub(super) batch: usize,
    pub(super) poll: Duration,
    pub(super) retry: Option<Duration>,
    pub(super) stop_at: Vec<Value>,
    pub(super) stop: Stop,
    pub(super) tell: Box<dyn FnMut(WorkerEvent<'_>) + Send>,
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
}
