//! Results: stored, read in their order.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::future::join_all;
use tokio::time::timeout;

use super::errors::CallError;
use super::fetch::{Fetcher, Reader};
use super::job::Job;
use super::payload::{self, Payload};
use super::retry::ANSWER;
use super::subject::{epoch, task_id};
use crate::{Done, Error, Lease, Report};

/// So long a reader may be silent. It is on one server only, and the next one
/// is made on another.
const SILENCE: Duration = Duration::from_millis(1500);

/// The most results that are read at once.
const READ: usize = 1000;

/// A task's id, and its result or why it has failed.
type Outcome = (u64, Result<Payload, String>);

impl Job {
    /// Stores results, and then settles their tasks. The server has heard of
    /// both when this returns.
    pub(super) async fn complete(
        &mut self,
        done: &[Done],
    ) -> Result<(), Error> {
        let outcomes = self.outcomes(done);
        if let Some(last) = self.store(outcomes).await? {
            let _ = timeout(ANSWER, last.double_ack()).await;
        }
        Ok(())
    }

    /// The last task is settled while the next ones are on their way.
    pub(super) async fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        let outcomes = self.outcomes(done);
        if let Some(last) = self.store(outcomes).await? {
            let _ = timeout(ANSWER, last.ack()).await;
        }
        self.take(max, wait).await
    }

    pub(super) async fn fail(
        &mut self,
        task: u64,
        why: &str,
    ) -> Result<(), Error> {
        let failure = (task, Err(why.to_string()));
        if let Some(last) = self.store(vec![failure]).await? {
            let _ = timeout(ANSWER, last.double_ack()).await;
        }
        Ok(())
    }

    /// A result that cannot be sent is a failure of its task.
    fn outcomes(&self, done: &[Done]) -> Vec<Outcome> {
        let most = self.max_bytes(self.result_limit);
        let outcomes = done.iter().map(|Done { task, result }| {
            let payload = Payload::new(result).and_then(
                |payload| match payload.body.len() {
                    bytes if bytes > most => Err(format!(
                        "its result has {bytes} bytes, and the server takes \
                         {most}"
                    )),
                    _ => Ok(payload),
                },
            );
            (*task, payload)
        });
        outcomes.collect()
    }

    // ANCHOR: store
    /// Stores results and settles their tasks, but for the last one.
    async fn store(
        &mut self,
        outcomes: Vec<Outcome>,
    ) -> Result<Option<Message>, Error> {
        let mut results = Vec::with_capacity(outcomes.len());
        let mut tasks = Vec::with_capacity(outcomes.len());
        for (task, outcome) in outcomes {
            let failed = outcome.is_err();
            let payload = outcome.unwrap_or_else(|why| Payload::failure(&why));
            results.push((self.subject('r', task), payload));
            tasks.push((task, failed));
        }
        let fresh = self.publish(&results).await?;
        let events = tasks.iter().zip(fresh).filter_map(|(it, fresh)| {
            let (task, failed) = *it;
            let event = match (fresh, failed) {
                // A duplicate: each of them has a name of its own.
                (false, _) => format!("d.{task}.{}", self.client.new_inbox()),
                (true, true) => format!("f.{task}"),
                (true, false) => return None,
            };
            Some((self.subject('x', event), Payload::empty()))
        });
        self.publish(&events.collect::<Vec<_>>()).await?;
        // Should this fail, a worker does a task again, and for nothing.
        let mut held = Vec::with_capacity(tasks.len());
        for (task, _) in tasks {
            match self.held.remove(&task) {
                Some(it) if it.is_in_time(self.lease) => held.push(it.message),
                _ => self.remove_task(task).await?,
            }
        }
        let last = held.pop();
        let settled = join_all(held.iter().map(Message::ack));
        let _ = timeout(ANSWER, settled).await;
        Ok(last)
    }
    // ANCHOR_END: store

    pub(super) async fn collect(
        &mut self,
        wait: Duration,
    ) -> Result<Vec<Report>, Error> {
        self.ask(wait, async |job, wait| {
            let reports = job.read(wait).await?;
            if reports.is_empty() {
                job.expire().await?;
            }
            Ok((reports, false))
        })
        .await
    }

    async fn read(&mut self, wait: Duration) -> Result<Vec<Report>, CallError> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => {
                let reader = timeout(SILENCE, self.reader_from(self.read + 1));
                reader.await.map_err(CallError::transient)??
            }
        };
        let wait = wait.min(SILENCE);
        let results = &mut reader.fetcher;
        let messages = results.fetch(READ, wait, SILENCE, Duration::ZERO);
        let messages = messages.await?;
        let mut reports = Vec::new();
        for message in messages {
            let info = message.info().map_err(CallError::transient)?;
            if info.consumer_sequence != reader.next {
                // Some were lost on their way: a new reader starts there.
                return Ok(reports);
            }
            reader.next += 1;
            self.read = info.stream_sequence;
            let task = task_id(&message.subject).unwrap_or_default();
            let body = &message.payload;
            reports.push(match payload::read(message.headers.as_ref(), body) {
                Ok(result) => Report::Done(Done { task, result }),
                Err(why) => Report::Failed { task, why },
            });
        }
        self.reader = Some(reader);
        Ok(reports)
    }

    async fn reader_from(&self, start: u64) -> Result<Reader, CallError> {
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: start,
            },
            ack_policy: AckPolicy::None,
            filter_subject: self.subject('r', '*'),
            inactive_threshold: Duration::from_secs(60),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let results = match self.engine.get_stream(self.results()).await {
            Ok(results) => results,
            Err(error) => return Err(self.lost(error).await),
        };
        if epoch(&results.cached_info().config) != self.epoch {
            return Err(self.cleared());
        }
        let consumer = results.create_consumer(config).await;
        let consumer = consumer.map_err(CallError::transient)?;
        let fetcher = Fetcher::new(&self.client, consumer);
        Ok(Reader { fetcher, next: 1 })
    }
}
