//! The two sides of a farm, and what passes between them.

use std::time::Duration;

use pymanagers::Value;

use crate::Error;

/// A unit of work.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Identifies the task in its job: a task put twice is kept once.
    pub id: u64,
    /// What the worker's function is called with.
    pub body: Value,
}

/// A task that a worker holds for a limited time.
#[derive(Clone, Debug, PartialEq)]
pub struct Lease {
    /// The task.
    pub task: Task,
    /// Identifies the lease: each delivery of a task has another number.
    pub number: u64,
    /// How often the task has been delivered, this delivery included.
    pub delivery_count: u32,
    /// How long the lease lasts unless it is extended; `None`: as long as the
    /// worker's connection.
    pub duration: Option<Duration>,
}

/// A task's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The task's id.
    pub task: u64,
    /// What the worker's function returned.
    pub result: Value,
}

/// What the owner of a job hears about its tasks.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A task's first result.
    Done(Done),
    /// A task that has no result and gets none.
    Failed {
        /// The task's id.
        task: u64,
        /// What its worker said, or that it was delivered too often.
        why: String,
    },
    /// A Python worker put this, and nothing says which task it belongs to.
    Unmatched(Value),
    /// These tasks are done: their results came as
    /// [`Unmatched`](Self::Unmatched), one for each of them.
    Settled(Vec<u64>),
}

/// The settings of a job on an engine; they stay as they are until it is
/// removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobSettings {
    /// How long a lease lasts, unless it is extended.
    pub lease: Duration,
    /// After how many failed deliveries a task is given up: those whose worker
    /// died or let the lease run out.
    pub tries: u32,
    /// On how many servers of a cluster everything is kept: 1, 3 or 5.
    pub replicas: usize,
}

/// How far a job has come. A farm counts what it knows, and 0 for the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Tasks that no worker has.
    pub waiting: usize,
    /// Tasks that a worker has a lease of.
    pub leased: usize,
    /// Tasks that have their result.
    pub done: usize,
    /// Tasks that were reported as failed.
    pub failed: usize,
    /// How often a task was delivered again.
    pub redelivered: usize,
    /// Results that were dropped because their task had one already.
    pub duplicates: usize,
    /// Workers that are connected.
    pub workers: usize,
    /// Workers that have ever been connected.
    pub workers_seen: usize,
    /// From the first delivery to the latest result.
    pub busy: Duration,
    /// Whether the owner has closed the job.
    pub closed: bool,
}

// ANCHOR: TaskSource
/// What a worker needs of a farm. After an error every call may be repeated:
/// nothing is leased or counted twice because of that.
///
/// # Errors
///
/// Every call may fail in each of the ways of an [`Error`].
pub trait TaskSource: Send {
    /// Takes between one task and `max` as soon as there is one; none after
    /// `wait`, or when the job is closed.
    fn take(&mut self, max: usize, wait: Duration)
    -> Result<Vec<Lease>, Error>;

    /// Starts the time of these leases anew.
    fn extend(&mut self, leases: &[Lease]) -> Result<(), Error>;

    /// Hands in results. A task's first result counts, others are dropped.
    fn complete(&mut self, done: &[Done]) -> Result<(), Error>;

    /// Reports that this task cannot be done. It is not delivered again.
    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error>;

    /// Gives tasks back undone. They go to the end of the queue, and the
    /// delivery does not count as a failed one.
    fn release(&mut self, leases: &[Lease]) -> Result<(), Error>;

    /// Hands in results and takes the next tasks, in one round trip where
    /// the farm can do that.
    ///
    /// # Errors
    ///
    /// As for every call.
    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        self.complete(done)?;
        self.take(max, wait)
    }

    /// Whether the worker may leave: the owner has closed the job.
    fn is_closed(&mut self) -> Result<bool, Error>;

    /// Whether the same handle works again after [`Error::Gone`]. Otherwise a
    /// new one is needed, and what the old one held goes to other workers.
    fn reconnects(&self) -> bool {
        false
    }
}

/// What the owner of a job needs of a farm.
///
/// # Errors
///
/// Every call may fail in each of the ways of an [`Error`].
pub trait JobOwner: Send {
    /// Puts tasks; returns how many of them were new. They are as safe as the
    /// farm is when this returns.
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error>;

    /// What became of tasks since the last call, as soon as there is
    /// something; nothing after `wait`.
    fn collect(&mut self, wait: Duration) -> Result<Vec<Report>, Error>;

    /// How far the job has come.
    fn stats(&mut self) -> Result<Stats, Error>;

    /// Lets the workers leave: a worker that asks for a task gets none, until
    /// new ones are put.
    fn close(&mut self) -> Result<(), Error>;

    /// Forgets all tasks and results.
    fn clear(&mut self) -> Result<(), Error>;

    /// Forgets the job, its settings as well.
    fn remove(&mut self) -> Result<(), Error> {
        self.clear()
    }

    /// When this is called, every call of this handle gets [`Error::Stopped`],
    /// soon or at once. A job on an engine stays as it is.
    fn stopper(&self) -> Box<dyn Fn() + Send>;

    /// What the owner should know about where its job is.
    fn warning(&self) -> Option<String> {
        None
    }
}
// ANCHOR_END: TaskSource
