//! Tasks: put, once each.

use std::collections::HashSet;

use async_nats::jetstream;
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use futures_util::TryStreamExt;

use super::errors::CallError;
use super::job::Job;
use super::payload::Payload;
use super::subject::task_id;
use crate::{Error, Task};

impl Job {
    /// The ids of the tasks that have their result, and of those that have
    /// been requeued.
    async fn known(&self) -> Result<(HashSet<u64>, HashSet<u64>), Error> {
        let all = self.subject('*', '>');
        let names = self
            .retry(async || {
                let results = self.stream(self.results()).await?;
                let named = results.info_with_subjects(&all).await;
                let named = named.map_err(CallError::transient)?;
                let named: Vec<_> =
                    named.try_collect().await.map_err(CallError::transient)?;
                Ok(named)
            })
            .await?;
        let ids = |start: String| {
            let names = names.iter().map(|(name, _)| name);
            let ids = names.filter_map(|name| {
                let rest = name.strip_prefix(&start)?;
                rest.split('.').next()?.parse().ok()
            });
            ids.collect()
        };
        let requeued = self.subject('x', "q.");
        Ok((ids(self.subject('r', "")), ids(requeued)))
    }

    pub(super) async fn put(&self, tasks: &[Task]) -> Result<usize, Error> {
        let (finished, requeued) = self.known().await?;
        let open = tasks.iter().filter(|task| !finished.contains(&task.id));
        let mut known = Vec::new();
        let mut messages = Vec::new();
        for task in open {
            let message = self.message(task)?;
            match requeued.contains(&task.id) {
                true => known.push(message),
                false => messages.push(message),
            }
        }
        let fresh = self.publish(&messages).await?;
        let mut new = fresh.iter().filter(|fresh| **fresh).count();
        let refused = messages.into_iter().zip(&fresh);
        let refused = refused.filter(|(_, fresh)| !**fresh);
        known.extend(refused.map(|(message, _)| message));
        if new == 0 && !known.is_empty() {
            new += self.put_lost(&known).await?;
        }
        if new > 0 {
            self.remove_all(&self.subject('x', "over")).await?;
        }
        Ok(new)
    }

    fn message(&self, task: &Task) -> Result<(String, Payload), Error> {
        let Task { id, body } = task;
        let failed = |why| Error::Failed(format!("task {id}: {why}"));
        let payload = Payload::new(body).map_err(failed)?;
        match (payload.body.len(), self.max_bytes(self.task_limit)) {
            (bytes, most) if bytes > most => Err(failed(format!(
                "it has {bytes} bytes, and the server takes {most}"
            ))),
            _ => Ok((self.subject('t', id), payload)),
        }
    }

    /// Tasks that the engine holds but does not deliver any more: a
    /// server that was killed may forget to. They are put anew.
    async fn put_lost(
        &self,
        tasks: &[(String, Payload)],
    ) -> Result<usize, Error> {
        let task_consumer = self.task_consumer_info().await?;
        if task_consumer.num_pending > 0 || task_consumer.num_ack_pending > 0 {
            return Ok(0);
        }
        for (subject, _) in tasks {
            self.remove_task(task_id(subject).unwrap_or_default()).await?;
        }
        let fresh = self.publish(tasks).await?;
        Ok(fresh.iter().filter(|fresh| **fresh).count())
    }

    pub(super) async fn task_consumer_info(
        &self,
    ) -> Result<jetstream::consumer::Info, Error> {
        self.retry(async || {
            let tasks = self.stream(self.tasks()).await?;
            let info = tasks.consumer_info(&self.workers()).await;
            info.map_err(|error| match error.kind() {
                ConsumerInfoErrorKind::JetStream(error) => {
                    CallError::of(&error)
                }
                _ => CallError::transient(error),
            })
        })
        .await
    }
}
