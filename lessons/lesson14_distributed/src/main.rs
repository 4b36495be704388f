//! # Lesson 14: A master and its workers
//!
//! A master has tasks, and workers anywhere on the network fetch them and
//! bring results. They speak the protocol of Python's managers: either side
//! may be Python's. A worker that dies loses no task: another one gets it.
//!
//! Python: `QueueManager(address=('', 5000), authkey=b'abc')`
//! Run: `cargo run -p lesson14_distributed`

#[cfg(feature = "nats")]
mod cluster;
mod demo;
#[cfg_attr(not(feature = "nats"), path = "no_engine.rs")]
mod engine;
mod master;
mod options;
mod simulation;
mod worker;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson14_distributed", "A master and its workers")
        .part("demo", "a master and three workers", demo::demo)
        .command("master", options::MASTER, master::master)
        .command("worker", options::WORKER, worker::worker)
        .command("status", options::JOB, engine::status)
        .command("clear", options::JOB, engine::clear)
        .command("cluster", options::CLUSTER, engine::cluster)
        .command("simulation", options::SIMULATION, simulation::simulation)
        .role("demo_master", demo::master)
        .role("cluster_child", engine::cluster_child)
        .role("keeper", engine::keeper)
        .run()
}
