//! A worker: fetches tasks, calls a function with each, hands in the results.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pymanagers::{from_value, to_value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Done, Error, Lease, TaskSource, Value};

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
        let (url, key) = (url.to_string(), key.to_vec());
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
        let mut session = Session {
            function,
            held: held.clone(),
            done: Vec::new(),
            told: String::new(),
            worker: self,
        };
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

/// Stops a [`Worker`].
#[derive(Clone, Default)]
pub struct Stop(Arc<Mutex<StopState>>);

#[derive(Default)]
struct StopState {
    is_asked: bool,
    listeners: Vec<Box<dyn Fn() + Send>>,
}

impl Stop {
    /// The worker releases what it holds and ends, within two seconds.
    pub fn stop(&self) {
        let mut state = self.0.lock().unwrap();
        if !std::mem::replace(&mut state.is_asked, true) {
            state.listeners.iter().for_each(|listener| listener());
        }
    }

    /// Whether [`stop`](Self::stop) was called.
    pub fn is_asked(&self) -> bool {
        self.0.lock().unwrap().is_asked
    }

    fn on_stop(&self, listener: impl Fn() + Send + 'static) {
        let mut state = self.0.lock().unwrap();
        if state.is_asked {
            listener();
        }
        state.listeners.push(Box::new(listener));
    }
}

/// What the worker's thread hears.
enum Message {
    /// The result of a task of a batch: the batch's number, the task's place.
    Result(usize, usize, Result<Value, String>),
    Stop,
}

/// The thread that calls the user's function.
struct FunctionThread {
    batches: Sender<(usize, Vec<Lease>)>,
    messages: Receiver<Message>,
    /// The number of the batch that it is to work on.
    batch: Arc<AtomicUsize>,
}

impl FunctionThread {
    fn start(mut function: Function, stop: &Stop) -> Self {
        let (batches, todo) = mpsc::channel::<(usize, Vec<Lease>)>();
        let (says, messages) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let (asked, says_stop) = (stopped.clone(), says.clone());
        stop.on_stop(move || {
            asked.store(true, Relaxed);
            let _ = says_stop.send(Message::Stop);
        });
        let batch = Arc::new(AtomicUsize::new(0));
        let current = batch.clone();
        thread::spawn(move || {
            for (number, leases) in todo {
                for (at, lease) in leases.iter().enumerate() {
                    if stopped.load(Relaxed) || current.load(Relaxed) != number
                    {
                        break; // Other workers have the rest.
                    }
                    let call = AssertUnwindSafe(|| function(lease));
                    let result = catch_unwind(call);
                    let result = result.unwrap_or(Err("it panicked".into()));
                    let message = Message::Result(number, at, result);
                    if says.send(message).is_err() {
                        return;
                    }
                }
            }
        });
        Self { batches, messages, batch }
    }
}

/// A worker at work.
struct Session {
    worker: Worker,
    function: FunctionThread,
    /// How many tasks it holds.
    held: Arc<AtomicUsize>,
    /// What is done and not handed in.
    done: Vec<Done>,
    /// Why it waits; it has been told.
    told: String,
}

impl Session {
    fn run(&mut self) -> Result<(), Error> {
        let mut source = None;
        loop {
            let why = match self.connect_and_work(&mut source) {
                Ok(()) => return Ok(()),
                Err(why) => why,
            };
            let Some(retry) = self.worker.retry else { return Err(why) };
            if !why.is_retryable() {
                return Err(why);
            }
            let cleared = matches!(why, Error::Cleared(_));
            if cleared || !source.as_ref().is_some_and(|it| it.reconnects()) {
                source = None;
                self.done.clear(); // Other workers get these tasks.
                self.held.store(0, Relaxed);
            }
            if why.to_string() != self.told {
                self.told = why.to_string();
                (self.worker.tell)(WorkerEvent::Waits(&why));
            }
            self.pause(jitter(retry))?;
        }
    }

    fn connect_and_work(
        &mut self,
        source: &mut Option<Box<dyn TaskSource>>,
    ) -> Result<(), Error> {
        let source = match source {
            Some(source) => source,
            None => source.insert((self.worker.connect)()?),
        };
        self.work(&mut **source)
    }

    fn work(&mut self, source: &mut dyn TaskSource) -> Result<(), Error> {
        loop {
            if self.worker.stop.is_asked() {
                return Err(self.release(source, &[]));
            }
            (self.worker.tell)(WorkerEvent::Asks);
            let (batch, poll) = (self.worker.batch, self.worker.poll);
            let leases = source.exchange(&self.done, batch, poll)?;
            self.done.clear();
            self.held.store(leases.len(), Relaxed);
            (self.worker.tell)(WorkerEvent::Got(leases.len()));
            if !std::mem::take(&mut self.told).is_empty() {
                (self.worker.tell)(WorkerEvent::Back);
            }
            if leases.is_empty() && source.is_closed()? {
                (self.worker.tell)(WorkerEvent::Closed);
                return Ok(());
            }
            let is_end =
                |lease: &Lease| self.worker.stop_at.contains(&lease.task.body);
            let Some(end) = leases.iter().position(is_end) else {
                self.run_batch(source, leases)?;
                continue;
            };
            self.run_batch(source, leases[..end].to_vec())?;
            source.complete(&self.done)?;
            source.release(&leases[end + 1..])?;
            (self.worker.tell)(WorkerEvent::Closed);
            return Ok(());
        }
    }

    /// Has the function do these tasks, and extends their leases meanwhile.
    fn run_batch(
        &mut self,
        source: &mut dyn TaskSource,
        leases: Vec<Lease>,
    ) -> Result<(), Error> {
        let number = 1 + self.function.batch.fetch_add(1, Relaxed);
        let lease = leases.first().and_then(|lease| lease.duration);
        let mut open: Vec<_> = leases.iter().cloned().map(Some).collect();
        let batch = (number, leases);
        self.function.batches.send(batch).expect("its thread is there");
        let mut left = open.len();
        let mut extended = Instant::now();
        while left > 0 {
            let message = self.message(lease.map(|it| it / 3), extended);
            match message {
                Some(Message::Stop) => {
                    let open: Vec<_> = open.into_iter().flatten().collect();
                    return Err(self.release(source, &open));
                }
                Some(Message::Result(batch, at, result)) => {
                    if batch != number {
                        continue; // Of a batch that was given up.
                    }
                    let lease = open[at].take().expect("it is done once");
                    left -= 1;
                    match result {
                        Ok(result) => {
                            let task = lease.task.id;
                            self.done.push(Done { task, result });
                        }
                        Err(why) => source.fail(&lease, &why)?,
                    }
                }
                None => {
                    source.complete(&self.done)?;
                    self.done.clear();
                    let open: Vec<_> = open.iter().flatten().cloned().collect();
                    source.extend(&open)?;
                    extended = Instant::now();
                }
            }
            self.held.store(left + self.done.len(), Relaxed);
        }
        Ok(())
    }

    /// The next message; `None` when leases must be extended first.
    fn message(
        &self,
        every: Option<Duration>,
        since: Instant,
    ) -> Option<Message> {
        let messages = &self.function.messages;
        let Some(every) = every else {
            return Some(messages.recv().expect("its thread is there"));
        };
        let left = every.saturating_sub(since.elapsed());
        match messages.recv_timeout(left) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                unreachable!("its thread is there")
            }
        }
    }

    /// Hands in what is done, and gives the rest back.
    fn release(
        &mut self,
        source: &mut dyn TaskSource,
        open: &[Lease],
    ) -> Error {
        let completed = source.complete(&self.done);
        let released = completed.and_then(|()| source.release(open));
        if released.is_ok() {
            self.held.store(0, Relaxed);
            if !open.is_empty() {
                (self.worker.tell)(WorkerEvent::Released(open.len()));
            }
        }
        let unreleased = self.held.load(Relaxed);
        Error::Interrupted { unreleased }
    }

    /// Waits for so long, or until the worker is stopped.
    fn pause(&self, time: Duration) -> Result<(), Error> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.function.messages.recv_timeout(left) {
                Ok(Message::Stop) => {
                    let unreleased = self.held.load(Relaxed);
                    return Err(Error::Interrupted { unreleased });
                }
                Ok(Message::Result(..)) => {} // Of a batch that was given up.
                Err(_) => return Ok(()),
            }
        }
    }
}

/// Between three and five quarters of it: many workers do not come at once.
fn jitter(time: Duration) -> Duration {
    let random = RandomState::new().hash_one(0) % 1024;
    time.mul_f64(0.75 + random as f64 / 2048.0)
}
