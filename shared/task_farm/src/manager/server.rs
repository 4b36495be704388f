//! A job that workers reach over the network, as two of Python's queues:
//! `get_task_queue` and `get_result_queue`.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pymanagers::{Key, Server, ServerEvent, ServerHandle, Value};

use super::farm::Farm;
use super::match_lease::LeaseOwners;
use super::result_queue::ResultQueue;
use super::task_queue::TaskQueue;
use super::wire::{RESULTS, TASKS};
use crate::{Error, JobOwner, MemoryJob, Report, Stats, Task};

/// What a server has to tell its owner.
#[derive(Debug)]
pub enum FarmEvent {
    /// A connection was refused, or made no sense. Of many in a row from one
    /// address only some are reported.
    Refused {
        /// Where it comes from.
        peer: SocketAddr,
        /// Why it was refused.
        error: pymanagers::Error,
        /// How many connections of this address were refused so far.
        count: u64,
    },
    /// The system gives no more connections.
    AcceptFailed(io::Error),
    /// A task's second result was dropped.
    Duplicate(SocketAddr, u64, Value),
}

/// One line, which a program may log. What would drive a terminal is escaped.
impl fmt::Display for FarmEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { peer, error, count: 1 } => {
                write!(f, "{peer}: {error}")
            }
            Self::Refused { peer, error, count } => {
                write!(f, "{peer}: {error} ({count} times)")
            }
            Self::AcceptFailed(error) => {
                write!(f, "no more workers can connect: {error}")
            }
            Self::Duplicate(peer, _, result) => {
                let result = result.to_text();
                write!(f, "{peer}: second result dropped: {result}")
            }
        }
    }
}

/// A key with fewer bytes can be guessed.
const SHORT_KEY: usize = 16;

/// A job and its server; for its owner it is the job. When it is dropped it
/// closes the job, and gives the workers five seconds to hang up.
pub struct FarmServer {
    job: MemoryJob,
    key_len: usize,
    /// How long the workers may take to hang up.
    goodbye: Duration,
    serving: ServerHandle,
}

/// The body of the task that a result names, if it names one.
pub(super) type TaskOf = fn(&Value) -> Option<Value>;

/// The settings of a [`FarmServer`].
pub struct FarmServerBuilder {
    job: MemoryJob,
    task_of: Option<TaskOf>,
    log: Arc<dyn Fn(FarmEvent) + Send + Sync>,
}

impl FarmServer {
    /// Settings for a server of this job.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pymanagers::Key;
    /// use task_farm::{FarmServer, JobOwner, MemoryJob, Task, open_manager};
    ///
    /// let mut job = MemoryJob::new(Some(Duration::from_secs(60)));
    /// job.put(&[Task { id: 1, body: 3411.into() }])?;
    /// let key = Key::from("abc");
    /// let server = FarmServer::builder(job).open("127.0.0.1:0", key.clone());
    /// let server = server.expect("a free port");
    ///
    /// let mut worker = open_manager(server.address(), &key)?;
    /// let leases = worker.take(1, Duration::from_secs(1))?;
    /// assert_eq!(leases[0].task.body, 3411.into());
    /// # Ok::<(), task_farm::Error>(())
    /// ```
    pub fn builder(job: MemoryJob) -> FarmServerBuilder {
        FarmServerBuilder { job, task_of: None, log: Arc::new(|_| ()) }
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// A handle of the job.
    pub fn job(&self) -> MemoryJob {
        self.job.clone()
    }

    /// Closes the job, and waits until all workers have hung up, but no longer
    /// than `timeout`.
    pub fn shutdown(mut self, timeout: Duration) {
        self.goodbye = timeout;
    }
}

impl JobOwner for FarmServer {
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error> {
        self.job.put(tasks)
    }

    fn collect(&mut self, wait: Duration) -> Result<Vec<Report>, Error> {
        self.job.collect(wait)
    }

    fn stats(&mut self) -> Result<Stats, Error> {
        self.job.stats()
    }

    fn close(&mut self) -> Result<(), Error> {
        self.job.close()
    }

    fn clear(&mut self) -> Result<(), Error> {
        self.job.clear()
    }

    fn stopper(&self) -> Box<dyn Fn() + Send> {
        self.job.stopper()
    }

    /// That other machines can reach it, and its key is short.
    fn warning(&self) -> Option<String> {
        let address = self.address();
        let key_len = self.key_len;
        let is_open = !address.ip().is_loopback() && key_len < SHORT_KEY;
        is_open.then(|| {
            format!(
                "{address} is open to other machines, and a key of {key_len} \
                 bytes can be guessed: a program that guesses it gets the tasks"
            )
        })
    }
}

impl Drop for FarmServer {
    fn drop(&mut self) {
        // A job that was cleared has no workers to tell.
        let _ = self.job.close();
        self.serving.wait_for_clients(self.goodbye);
    }
}

impl FarmServerBuilder {
    /// How a Python worker's result names its task: the task's body. Without
    /// it a result is matched by the connection that it comes on.
    #[must_use]
    pub fn task_of(mut self, task_of: fn(&Value) -> Option<Value>) -> Self {
        self.task_of = Some(task_of);
        self
    }

    /// Calls this with everything that the server has to tell. Several threads
    /// call it.
    #[must_use]
    pub fn log(
        mut self,
        log: impl Fn(FarmEvent) + Send + Sync + 'static,
    ) -> Self {
        self.log = Arc::new(log);
        self
    }

    /// Opens the job to every worker that knows the key.
    ///
    /// # Errors
    ///
    /// When the port is in use, or the address not ours.
    pub fn open(
        self,
        address: impl ToSocketAddrs,
        key: Key,
    ) -> io::Result<FarmServer> {
        let Self { job, task_of, log } = self;
        let owners = Mutex::new(LeaseOwners::new(task_of.is_some()));
        let refused = log.clone();
        let held = Mutex::default();
        let farm = Farm { job: job.clone(), task_of, log, owners, held };
        let farm = Arc::new(farm);
        let key_len = key.len();
        let tasks = TaskQueue { farm: farm.clone(), taken: Mutex::default() };
        let serving = Server::bind(address, &key)?
            .share(TASKS, Arc::new(tasks))
            .share(RESULTS, Arc::new(ResultQueue { farm }))
            .on_event(move |event| match event {
                ServerEvent::Refused { peer, error, count } => {
                    refused(FarmEvent::Refused { peer, error, count });
                }
                ServerEvent::AcceptFailed(error) => {
                    refused(FarmEvent::AcceptFailed(error));
                }
                _ => {}
            })
            .start()?;
        let goodbye = Duration::from_secs(5);
        Ok(FarmServer { job, key_len, goodbye, serving })
    }
}
