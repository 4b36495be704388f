//! A task's message, as it was delivered.

use std::time::Duration;

use async_nats::jetstream::Message;
use tokio::time::Instant;

use super::errors::CallError;
use super::payload;
use super::subject::read_subject;

/// A message of the stream of tasks, as it was delivered.
pub(super) struct Delivery {
    pub task: u64,
    /// Identifies the lease: the number of the delivery.
    pub number: u64,
    /// How often the task was delivered under other subjects before.
    pub earlier: u32,
    /// How many of these deliveries have failed.
    pub failed: u32,
    /// Its lease has run out before.
    pub is_redelivered: bool,
    pub at: Instant,
    pub message: Message,
}

impl Delivery {
    pub fn read(message: Message) -> Result<Self, CallError> {
        let info = message.info().map_err(CallError::permanent)?;
        let number = info.consumer_sequence;
        let is_redelivered = info.delivered > 1;
        let subject = read_subject(&message.subject);
        let (task, earlier) = subject.ok_or_else(|| {
            CallError::permanent(format!("{} is no task", message.subject))
        })?;
        let failed = payload::failed_deliveries(message.headers.as_ref());
        let at = Instant::now();
        Ok(Self { task, number, earlier, failed, is_redelivered, at, message })
    }

    pub fn is_first(&self) -> bool {
        self.earlier == 0 && !self.is_redelivered
    }

    /// Whether its lease of so long has not run out.
    pub fn is_in_time(&self, lease: Duration) -> bool {
        self.at.elapsed() < lease
    }
}
