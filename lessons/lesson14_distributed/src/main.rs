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
mod master;
mod options;
mod worker;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    let lesson =
        Lesson::new("lesson14_distributed", "A master and its workers")
            .part("demo", "a master and three workers", demo::demo)
            .command("master", options::MASTER, master::master)
            .command("worker", options::WORKER, worker::worker)
            .role("demo_master", demo::master);
    #[cfg(feature = "nats")]
    let lesson = lesson
        .command("cluster", cluster::OPTIONS, cluster::cluster)
        .role("cluster_child", cluster::child)
        .role("keeper", lesson14_distributed::servers::keeper);
    lesson.run()
}
