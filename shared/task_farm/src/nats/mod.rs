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
//! | `thread` | the thread that makes the calls |
//! | `job` | its connection, its settings, what this handle holds |
//! | `subject` | what a subject says |
//! | `retry` | how long a call is repeated |
//! | `lifecycle` | the streams: created, found, cleared |
//! | `publish` | a message: stored once a subject, found, removed |
//! | `payload` | what a message carries |
//! | `tasks` | tasks: put, once each |
//! | `delivery` | a task's message, as it was delivered |
//! | `leases` | tasks delivered, extended, released |
//! | `fetch` | what a consumer has |
//! | `results` | results: stored, read in their order |
//! | `stats` | how far the job has come |
//! | `errors` | which errors pass |

mod address;
mod connection;
mod delivery;
mod errors;
mod fetch;
mod job;
mod leases;
mod lifecycle;
mod payload;
mod publish;
mod results;
mod retry;
mod stats;
mod subject;
mod tasks;
mod thread;

use std::time::Duration;

pub use address::NatsAddress;
use job::Job;
use thread::JobThread;

use crate::{
    Done, Error, JobOwner, JobSettings, Lease, Report, Stats, Task, TaskSource,
};

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
    thread: JobThread,
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
        let opened = Self::connect(address, job)?;
        opened.thread.call(async move |job| job.create(settings).await)?;
        Ok(opened)
    }

    /// Opens a job that is there.
    ///
    /// # Errors
    ///
    /// When no server is there or lets us in; [`Error::Gone`] also when there
    /// is no such job yet.
    pub fn open(address: &NatsAddress, job: &str) -> Result<Self, Error> {
        let opened = Self::connect(address, job)?;
        opened.thread.call(async |job| job.open().await)?;
        Ok(opened)
    }

    fn connect(address: &NatsAddress, job: &str) -> Result<Self, Error> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if job.is_empty() || !job.chars().all(good) {
            return Err(Error::Failed(format!(
                "{job:?} is no name for a job: letters, digits, - and _ are"
            )));
        }
        let thread = JobThread::start(address.clone(), job.to_string())?;
        Ok(Self { thread })
    }
}

impl TaskSource for NatsJob {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        self.thread.call(async move |job| job.take(max, wait).await)
    }

    fn extend(&mut self, leases: &[Lease]) -> Result<(), Error> {
        let leases = leases.to_vec();
        self.thread.call(async move |job| job.extend(&leases).await)
    }

    fn complete(&mut self, done: &[Done]) -> Result<(), Error> {
        let done = done.to_vec();
        self.thread.call(async move |job| job.complete(&done).await)
    }

    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error> {
        let task = lease.task.id;
        let why = why.to_string();
        self.thread.call(async move |job| job.fail(task, &why).await)
    }

    fn release(&mut self, leases: &[Lease]) -> Result<(), Error> {
        let leases = leases.to_vec();
        self.thread.call(async move |job| job.release(&leases).await)
    }

    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        let done = done.to_vec();
        let call =
            async move |job: &mut Job| job.exchange(&done, max, wait).await;
        self.thread.call(call)
    }

    fn is_closed(&mut self) -> Result<bool, Error> {
        self.thread.call(async move |job| Ok(job.is_over().await))
    }

    fn reconnects(&self) -> bool {
        true
    }
}

impl JobOwner for NatsJob {
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error> {
        let tasks = tasks.to_vec();
        self.thread.call(async move |job| job.put(&tasks).await)
    }

    fn collect(&mut self, wait: Duration) -> Result<Vec<Report>, Error> {
        self.thread.call(async move |job| job.collect(wait).await)
    }

    fn stats(&mut self) -> Result<Stats, Error> {
        self.thread.call(async move |job| job.stats().await)
    }

    fn close(&mut self) -> Result<(), Error> {
        self.thread.call(async move |job| job.close().await)
    }

    fn clear(&mut self) -> Result<(), Error> {
        self.thread.call(async move |job| job.clear().await)
    }

    fn remove(&mut self) -> Result<(), Error> {
        self.thread.call(async move |job| job.remove().await)
    }

    fn stopper(&self) -> Box<dyn Fn() + Send> {
        let stopped = self.thread.stopped.clone();
        Box::new(move || {
            stopped.send_replace(true);
        })
    }

    /// All servers of an older cluster may stop, and lose their streams.
    fn warning(&self) -> Option<String> {
        let warning = async |job: &mut Job| Ok(job.warning());
        self.thread.call(warning).unwrap_or_default()
    }
}
