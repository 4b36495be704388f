//! A job on NATS JetStream: on one server, or on a cluster of them.
//!
//! A job is two streams: `JOB_tasks`, from which a task goes when it is
//! settled, and `JOB_results`, which keeps what comes. Both hold one message a
//! subject and refuse a second one, and a task's id is in its subject: the
//! engine itself sees to it that a task is kept once and that its first
//! result counts. Each *epoch* of a job, from its first master to `clear`, has
//! subjects of its own: what is said to the last one reaches no other.
//!
//! | file | holds |
//! |---|---|
//! | `address` | where the servers are |
//! | `connection` | the connection to them, and our credentials |
//! | `retry` | how long a call is repeated |
//! | `lifecycle` | the streams: created, found, cleared |
//! | `publish` | a message: stored once a subject, found, removed |
//! | `payload` | what a message carries |
//! | `tasks` | tasks: put, once each |
//! | `leases` | tasks delivered, extended, released |
//! | `fetch` | what a consumer has |
//! | `results` | results: stored, read in their order |
//! | `stats` | how far the job has come |
//! | `errors` | which errors pass |

mod address;
mod connection;
mod errors;
mod fetch;
mod leases;
mod lifecycle;
mod payload;
mod publish;
mod results;
mod retry;
mod stats;
mod tasks;

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream;
use futures_util::future::{Either, select};
use tokio::runtime::Runtime;
use tokio::sync::watch;

pub use address::NatsAddress;
use fetch::Fetcher;
use leases::Delivery;
use results::Reader;

use crate::{
    Done, Error, JobOwner, JobSettings, Lease, Report, Stats, Task, TaskSource,
};

/// How long a call tries again before it says that no server is there. A
/// cluster whose leader has died has another one within seconds.
const RETRY_TIME: Duration = Duration::from_secs(30);

/// How long one question waits for its answer.
const ANSWER: Duration = Duration::from_secs(3);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// A job on NATS JetStream. Any number of masters and workers, on any
/// machines, may have a handle of the same job.
///
/// The connection is kept by a thread in the background; every call here
/// waits for its answer. While no server answers, a call tries again for 30
/// seconds, and then fails with [`Error::Gone`].
///
/// After `tries` failed deliveries, the next worker that asks gives the task up,
/// or the owner that collects while no worker asks.
pub struct NatsJob {
    job: Job,
    /// Whether the owner wants every call to end.
    stopped: watch::Sender<bool>,
    // The last field: what it drives is dropped before it.
    runtime: Runtime,
}

impl NatsJob {
    /// Opens a job, and creates it if it is not there.
    ///
    /// # Errors
    ///
    /// When no server is there or lets us in, or when the job is there with
    /// other settings.
    pub fn create(
        address: &NatsAddress,
        job: &str,
        settings: JobSettings,
    ) -> Result<Self, Error> {
        let mut opened = Self::connect(address, job)?;
        opened.call(async |job| job.create(settings).await)?;
        Ok(opened)
    }

    /// Opens a job that is there.
    ///
    /// # Errors
    ///
    /// When no server is there or lets us in; [`Error::Gone`] also when there
    /// is no such job yet.
    pub fn open(address: &NatsAddress, job: &str) -> Result<Self, Error> {
        let mut opened = Self::connect(address, job)?;
        opened.call(async |job| job.open().await)?;
        Ok(opened)
    }

    fn connect(address: &NatsAddress, job: &str) -> Result<Self, Error> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if job.is_empty() || !job.chars().all(good) {
            return Err(Error::Failed(format!(
                "{job:?} is no name for a job: letters, digits, - and _ are"
            )));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("nats")
            .enable_all()
            .build();
        let runtime =
            runtime.map_err(|error| Error::Failed(error.to_string()))?;
        let job = runtime.block_on(Job::connect(address, job))?;
        let (stopped, _) = watch::channel(false);
        Ok(Self { job, stopped, runtime })
    }

    /// Waits for this call, or until the owner stops it.
    fn call<T>(
        &mut self,
        call: impl AsyncFnOnce(&mut Job) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut stopped = self.stopped.subscribe();
        self.runtime.block_on(async {
            let stopped = pin!(stopped.wait_for(|stopped| *stopped));
            match select(stopped, pin!(call(&mut self.job))).await {
                Either::Left(_) => Err(Error::Stopped),
                Either::Right((result, _)) => result,
            }
        })
    }

    /// The version of the server that we have reached.
    pub fn server_version(&self) -> String {
        self.job.client.server_info().version
    }
}

/// The job, from inside the runtime.
struct Job {
    client: Client,
    engine: jetstream::Context,
    name: String,
    /// What the subjects of this epoch of the job have in common.
    epoch: String,
    tries: u32,
    lease: Duration,
    replicas: usize,
    /// The most bytes that a message of a stream may have.
    task_limit: usize,
    result_limit: usize,
    /// What the server has forbidden us last.
    forbidden: Arc<Mutex<Option<String>>>,
    /// The tasks that this handle holds, by id.
    held: HashMap<u64, Delivery>,
    task_fetcher: Option<Fetcher>,
    reader: Option<Reader>,
    /// The number of the last result that was read, in the stream's count.
    read: u64,
    /// Set once this handle has asked for tasks.
    works: bool,
}

impl Job {
    fn tasks(&self) -> String {
        format!("{}_tasks", self.name)
    }

    fn results(&self) -> String {
        format!("{}_results", self.name)
    }

    /// The subject of a task (`t.ID`), of one that was requeued
    /// (`t.ID.DELIVERIES`), of a result (`r.ID`) or an event (`x`).
    fn subject(&self, kind: char, what: impl fmt::Display) -> String {
        format!("{}.{}.{kind}.{what}", self.name, self.epoch)
    }

    fn is_task(&self, subject: &str) -> bool {
        subject.starts_with(&self.subject('t', ""))
    }

    /// Where the workers are asked whether they are here.
    fn roll(&self) -> String {
        format!("{}.{}.who", self.name, self.epoch)
    }

    /// The consumer that delivers the tasks to all workers.
    fn workers(&self) -> String {
        format!("workers-{}", self.epoch)
    }
}

fn gone(error: impl fmt::Display) -> Error {
    Error::Gone(error.to_string())
}

/// Of a task's or result's subject: the task's id, and how often the task was
/// delivered under other subjects before.
fn read_subject(subject: &str) -> Option<(u64, u32)> {
    let mut parts = subject.split('.').skip(3);
    let task = parts.next()?.parse().ok()?;
    let earlier = parts.next().map_or(Ok(0), str::parse);
    Some((task, earlier.ok()?))
}

fn task_id(subject: &str) -> Option<u64> {
    read_subject(subject).map(|(task, _)| task)
}

impl TaskSource for NatsJob {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        self.call(async |job| job.take(max, wait).await)
    }

    fn extend(&mut self, leases: &[Lease]) -> Result<(), Error> {
        self.call(async |job| job.extend(leases).await)
    }

    fn complete(&mut self, done: &[Done]) -> Result<(), Error> {
        self.call(async |job| job.complete(done).await)
    }

    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error> {
        self.call(async |job| job.fail(lease.task.id, why).await)
    }

    fn release(&mut self, leases: &[Lease]) -> Result<(), Error> {
        self.call(async |job| job.release(leases).await)
    }

    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        self.call(async |job| job.exchange(done, max, wait).await)
    }

    fn is_closed(&mut self) -> Result<bool, Error> {
        self.call(async |job| Ok(job.is_over().await))
    }

    fn reconnects(&self) -> bool {
        true
    }
}

impl JobOwner for NatsJob {
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error> {
        self.call(async |job| job.put(tasks).await)
    }

    fn collect(&mut self, wait: Duration) -> Result<Vec<Report>, Error> {
        self.call(async |job| job.collect(wait).await)
    }

    fn stats(&mut self) -> Result<Stats, Error> {
        self.call(async |job| job.stats().await)
    }

    fn close(&mut self) -> Result<(), Error> {
        self.call(async |job| job.close().await)
    }

    fn clear(&mut self) -> Result<(), Error> {
        self.call(async |job| job.clear().await)
    }

    fn remove(&mut self) -> Result<(), Error> {
        self.call(async |job| job.remove().await)
    }

    fn stopper(&self) -> Box<dyn Fn() + Send> {
        let stopped = self.stopped.clone();
        Box::new(move || {
            stopped.send_replace(true);
        })
    }

    /// All servers of an older cluster may stop, and lose their streams.
    fn warning(&self) -> Option<String> {
        let version = self.server_version();
        let is_old = !self.job.client.is_server_compatible(2, 10, 0);
        (self.job.replicas > 1 && is_old).then(|| {
            format!(
                "nats-server {version} may lose a job when all servers stop; \
                 replicas want 2.10 or later"
            )
        })
    }
}
