//! A job: its connection, its settings, what this handle holds, and its names.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream;

use super::delivery::Delivery;
use super::fetch::{Fetcher, Reader};

/// A job, from inside the runtime.
pub(super) struct Job {
    pub client: Client,
    pub engine: jetstream::Context,
    pub name: String,
    /// What the subjects of this epoch of the job have in common.
    pub epoch: String,
    pub tries: u32,
    pub lease: Duration,
    pub replicas: usize,
    /// The most bytes that a message of a stream may have.
    pub task_limit: usize,
    pub result_limit: usize,
    /// What the server has forbidden us last.
    pub forbidden: Arc<Mutex<Option<String>>>,
    /// The tasks that this handle holds, by id.
    pub held: HashMap<u64, Delivery>,
    pub task_fetcher: Option<Fetcher>,
    pub reader: Option<Reader>,
    /// The number of the last result that was read, in the stream's count.
    pub read: u64,
    /// Set once this handle has asked for tasks.
    pub works: bool,
}

impl Job {
    pub fn tasks(&self) -> String {
        format!("{}_tasks", self.name)
    }

    pub fn results(&self) -> String {
        format!("{}_results", self.name)
    }

    /// The subject of a task (`t.ID`), of one that was requeued
    /// (`t.ID.DELIVERIES`), of a result (`r.ID`) or an event (`x`).
    pub fn subject(&self, kind: char, what: impl fmt::Display) -> String {
        format!("{}.{}.{kind}.{what}", self.name, self.epoch)
    }

    pub fn is_task(&self, subject: &str) -> bool {
        subject.starts_with(&self.subject('t', ""))
    }

    /// Where the workers are asked whether they are here.
    pub fn roll(&self) -> String {
        format!("{}.{}.who", self.name, self.epoch)
    }

    /// The consumer that delivers the tasks to all workers.
    pub fn workers(&self) -> String {
        format!("workers-{}", self.epoch)
    }
}
