//! Tasks and results, wherever they live: the seam between the lesson and
//! its queues.
//!
//! A [`Farm`] lends tasks to workers. Whoever has one on loan and hangs up,
//! or does not answer in time, loses it, and somebody else gets it. The first
//! result of a task counts.
//!
//! - [`Local`] holds everything in this process.
//! - [`Host`] opens a `Local` to the network, as two of Python's queues.
//! - [`Remote`] is a farm behind such queues, Python's or ours.
//! - `Nats` (with the feature `nats`) is one on NATS JetStream, where a job
//!   outlives its master and may be kept on several servers.

mod local;
#[cfg(feature = "nats")]
mod nats;
mod remote;
mod served;

use std::fmt;
use std::time::Duration;

pub use local::Local;
#[cfg(feature = "nats")]
pub use nats::{JobSettings, Nats, NatsAddress};
pub use remote::Remote;
pub use served::Host;

use pymanagers::Value;

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// What it is known by: a task put twice is held once.
    pub id: u64,
    /// What to do.
    pub body: Value,
}

/// A task in somebody's hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Loan {
    /// The task.
    pub task: Task,
    /// Which loan this is; a task that is lent again has another.
    pub number: u64,
    /// How often the task has been lent, this time counted.
    pub tried: u32,
}

/// A task's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Whose result.
    pub task: u64,
    /// The result.
    pub result: Value,
}

/// How far it has come. A farm says what it knows, and 0 for the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Tasks that nobody has taken yet, or that came back.
    pub waiting: usize,
    /// Tasks on loan.
    pub out: usize,
    /// Tasks that have their result.
    pub done: usize,
    /// How often a task was lent again.
    pub again: usize,
    /// Results that were dropped: their task had one already. One that was
    /// handed in again, as its answer was lost, may be counted here as well.
    pub dropped: usize,
    /// Workers that are there now.
    pub workers: usize,
    /// Workers that have ever been there.
    pub seen: usize,
    /// From the first loan to the latest result.
    pub busy: Duration,
    /// Whether workers may leave: no task waits, none can come back, and
    /// nobody will put another one.
    pub over: bool,
}

// ANCHOR: Farm
/// Where tasks and results live. After an error every call may be repeated:
/// nothing is held, counted or lent twice by that.
///
/// # Errors
///
/// Every call may fail in each of the ways of an [`Error`].
pub trait Farm: Send {
    /// Puts tasks; returns how many of them were new. They are safe, as far
    /// as this farm is safe, when this returns.
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error>;

    /// Takes at least one task and at most `max`, as soon as there is one;
    /// none when there was none for `wait`, or when there will be none.
    fn take(&mut self, max: usize, wait: Duration) -> Result<Vec<Loan>, Error>;

    /// Still at work: the time limit of these loans starts anew.
    fn renew(&mut self, held: &[Loan]) -> Result<(), Error>;

    /// Hands in results. The first of a task counts, others are dropped.
    fn finish(&mut self, done: &[Done]) -> Result<(), Error>;

    /// Hands in results, and takes the next tasks: what most workers do, and
    /// over a network faster than one after the other.
    ///
    /// # Errors
    ///
    /// As for every call.
    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Loan>, Error> {
        self.finish(done)?;
        self.take(max, wait)
    }

    /// Gives tasks back undone: somebody else gets them, and soon.
    fn give_back(&mut self, held: &[Loan]) -> Result<(), Error>;

    /// Results that this handle has not seen yet, as soon as there is one;
    /// none when there was none for `wait`. A new handle sees all.
    fn collect(&mut self, wait: Duration) -> Result<Vec<Done>, Error>;

    /// How far it has come. A handle that takes tasks may know little more
    /// than how many wait, how many are out, and whether that is all.
    fn status(&mut self) -> Result<Status, Error>;

    /// All results are there: whoever asks for a task is told at once that
    /// there is none, until new ones are put. Only a master may say so.
    fn close(&mut self) -> Result<(), Error>;

    /// Forgets all tasks and results.
    fn clear(&mut self) -> Result<(), Error>;
}
// ANCHOR_END: Farm

/// Why a farm did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It cannot be reached, or no longer: it may come back.
    Gone(String),
    /// The job is no more. What was done of it is for nobody; a new handle may
    /// find a new job of this name.
    Cleared(String),
    /// It was stopped, by Ctrl-C for instance.
    Stopped,
    /// Anything else; trying again would not help.
    Failed(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(why) | Self::Cleared(why) | Self::Failed(why) => {
                f.write_str(why)
            }
            Self::Stopped => f.write_str("the master was stopped"),
        }
    }
}

impl std::error::Error for Error {}
