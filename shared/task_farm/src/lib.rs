//! Leased tasks: workers fetch them, do them, and hand in results; the owner
//! of the job puts tasks and collects what became of them.
//!
//! A task is *leased*, not given away. If its worker dies or does not extend
//! the lease in time, the delivery has failed, and the task goes back to the
//! end of the queue. After a number of failed deliveries it is given up and
//! reported as failed. A result is matched to its task by the task's id, and the first one counts: delivery is
//! at least once, completion exactly once.
//!
//! - [`MemoryJob`] keeps everything in this process.
//! - [`FarmServer`] shares a `MemoryJob` as two of Python's queues. Its workers
//!   may be Python's, unchanged.
//! - [`open_manager`] takes tasks from such a server, or from a plain Python
//!   master.
//! - [`Worker`] does what a worker has to do, with a function of yours.
//!
//! ```
//! use std::time::Duration;
//! use task_farm::{Done, JobOwner, MemoryJob, Report, Task, TaskSource};
//!
//! let mut job = MemoryJob::new(Some(Duration::from_secs(60)));
//! job.put(&[Task { id: 1, body: 3411.into() }])?;
//! let leases = job.take(1, Duration::ZERO)?;
//! let done = Done { task: 1, result: (3411 * 3411).into() };
//! job.complete(&[done.clone()])?;
//! assert_eq!(job.collect(Duration::ZERO)?, [Report::Done(done)]);
//! # Ok::<(), task_farm::Error>(())
//! ```

mod error;
mod lease_table;
mod manager;
mod memory;
#[cfg(feature = "nats")]
mod nats;
mod open;
mod traits;
mod worker;

pub use error::Error;
pub use manager::{FarmEvent, FarmServer, FarmServerBuilder, open_manager};
pub use memory::MemoryJob;
#[cfg(feature = "nats")]
pub use nats::{NatsAddress, NatsJob};
pub use open::{KNOWS_NATS, create_job, open, open_job};
pub use pymanagers::Value;
pub use traits::{
    Done, JobOwner, JobSettings, Lease, Report, Stats, Task, TaskSource,
};
pub use worker::{Stop, Worker, WorkerEvent};

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
