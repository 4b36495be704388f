//! # Lesson 14: A master and its workers
//!
//! A master has tasks, and workers anywhere on the network fetch them and
//! bring results. They speak the protocol of Python's managers: either side
//! may be Python's. A worker that dies loses no task: another one gets it.
//!
//! Python: `QueueManager(address=('', 5000), authkey=b'abc')`
//! Run: `cargo run -p lesson14_distributed`

mod demo;
mod job;
mod master;
mod options;
mod progress;
mod worker;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson14_distributed", "A master and its workers")
        .part("demo", "a master and three workers", demo::demo)
        .command("master", options::MASTER, master::master)
        .command("worker", options::WORKER, worker::worker)
        .command("status", options::JOB, job::status)
        .command("clear", options::JOB, job::clear)
        .run()
}
