//! Tasks: put, delivered, released.

use std::collections::HashSet;
use std::future::Future;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::{self, AckKind, Message};
use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use tokio::time::{Instant, sleep, timeout};

use super::errors::CallError;
use super::fetch::fetch;
use super::payload::{self, Payload};
use super::{ANSWER, Job, PAUSE, RETRY_TIME, gone, number};
use crate::{Error, Lease, Task};

impl Job {
    /// The ids of the tasks that have their result.
    async fn finished(&self) -> Result<HashSet<u64>, Error> {
        let all = self.subject('r', '*');
        self.retry(async || {
            let results = self.stream(self.results()).await?;
            let named = results.info_with_subjects(&all).await;
            let named = named.map_err(CallError::transient)?;
            let named: Vec<_> =
                named.try_collect().await.map_err(CallError::transient)?;
            Ok(named.iter().filter_map(|(name, _)| number(name)).collect())
        })
        .await
    }

    pub(super) async fn put(&self, tasks: &[Task]) -> Result<usize, Error> {
        let finished = self.finished().await?;
        let open = tasks.iter().filter(|task| !finished.contains(&task.id));
        let messages = open.map(|task| self.message(task));
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let fresh = self.publish(&messages).await?;
        let mut new = fresh.iter().filter(|fresh| **fresh).count();
        let refused = messages.into_iter().zip(&fresh);
        let refused = refused.filter(|(_, fresh)| !**fresh);
        let refused: Vec<_> = refused.map(|(message, _)| message).collect();
        if new == 0 && !refused.is_empty() {
            new += self.put_lost(&refused).await?;
        }
        if new > 0 {
            self.remove_one(&self.subject('x', "over")).await?;
        }
        Ok(new)
    }

    fn message(&self, task: &Task) -> Result<(String, Payload), Error> {
        let Task { id, body } = task;
        let failed = |why| Error::Failed(format!("task {id}: {why}"));
        let payload = Payload::new(body).map_err(failed)?;
        match (payload.body.len(), self.max_bytes()) {
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
            self.remove_one(subject).await?;
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

    /// The job knows us from now on, and we answer the roll call.
    async fn come_in(&mut self) -> Result<(), Error> {
        let here = self.subject('x', format!("w.{}", self.client.new_inbox()));
        self.publish(&[(here, Payload::empty())]).await?;
        let client = self.client.clone();
        let call = client.subscribe(self.roll()).await;
        let mut call = call.map_err(gone)?;
        tokio::spawn(async move {
            while let Some(message) = call.next().await {
                if let Some(reply) = message.reply {
                    let _ = client.publish(reply, "".into()).await;
                }
            }
        });
        self.works = true;
        Ok(())
    }

    pub(super) async fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        if !self.works {
            self.come_in().await?;
        }
        self.ask(wait, async |job, wait| {
            let leases = job.deliver(max, wait).await?;
            let over = leases.is_empty() && job.is_over().await;
            Ok((leases, over))
        })
        .await
    }

    /// Asks until something comes, until it is over, or for as long as flush_acks.
    pub(super) async fn ask<T>(
        &mut self,
        wait: Duration,
        mut question: impl AsyncFnMut(
            &mut Self,
            Duration,
        ) -> Result<(Vec<T>, bool), CallError>,
    ) -> Result<Vec<T>, Error> {
        let end = Instant::now() + wait;
        loop {
            if self.stopped.load(Relaxed) {
                return Err(Error::Stopped);
            }
            let left = end.saturating_duration_since(Instant::now());
            let (got, over) = match question(self, left.min(ANSWER)).await {
                Ok(answer) => answer,
                // No server answers now; it may be otherwise next time.
                Err(error) => {
                    error.into_reason()?;
                    sleep(PAUSE.min(left)).await;
                    (Vec::new(), false)
                }
            };
            if over || !got.is_empty() || end <= Instant::now() {
                return Ok(got);
            }
        }
    }

    /// Whether the master has said so, as far as a server answers.
    pub(super) async fn is_over(&self) -> bool {
        let over = self.last(&self.subject('x', "over")).await;
        over.is_ok_and(|(_, found)| found.is_some())
    }

    /// What there is; if there is nothing, the first that comes.
    async fn deliver(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, CallError> {
        let task_consumer = match self.task_consumer.take() {
            Some(task_consumer) => task_consumer,
            None => {
                let tasks = self.stream(self.tasks()).await?;
                match tasks.get_consumer(&self.workers()).await {
                    Ok(task_consumer) => task_consumer,
                    Err(error) => return Err(self.lost(error).await),
                }
            }
        };
        let messages = fetch(&task_consumer, max, wait, ANSWER).await?;
        self.task_consumer = Some(task_consumer);
        let mut leases = Vec::with_capacity(messages.len());
        for message in messages {
            match self.hold(message)? {
                Ok(lease) => leases.push(lease),
                Err((task, why)) => {
                    self.fail(task, &why).await.map_err(CallError::of_call)?;
                }
            }
        }
        Ok(leases)
    }

    /// A lease of the message's task; or its id, and why it is given up.
    fn hold(
        &mut self,
        message: Message,
    ) -> Result<Result<Lease, (u64, String)>, CallError> {
        let info = message.info().map_err(CallError::permanent)?;
        let number = info.consumer_sequence;
        let delivery_count = u32::try_from(info.delivered).unwrap_or(1);
        let id = super::number(&message.subject).ok_or_else(|| {
            CallError::permanent(format!("{} is no task", message.subject))
        })?;
        let body = payload::read(message.headers.as_ref(), &message.payload);
        self.held.insert(id, (number, message));
        // Its last worker can no longer say so: it may have died of it.
        if self.tries > 0 && delivery_count > self.tries {
            let times = if self.tries == 1 { "delivery" } else { "deliveries" };
            let why = format!("given up after {} {times}", self.tries);
            return Ok(Err((id, why)));
        }
        Ok(match body {
            Ok(body) => {
                let (task, duration) = (Task { id, body }, Some(self.lease));
                Ok(Lease { task, number, delivery_count, duration })
            }
            Err(why) => Err((id, why)),
        })
    }

    /// The message of a lease, if this handle still holds it.
    fn holds(&self, lease: &Lease) -> Option<&Message> {
        let (number, message) = self.held.get(&lease.task.id)?;
        (*number == lease.number).then_some(message)
    }

    pub(super) async fn extend(&self, held: &[Lease]) -> Result<(), Error> {
        let ours = held.iter().filter_map(|lease| self.holds(lease));
        self.flush_acks(ours.map(|it| it.ack_with(AckKind::Progress))).await
    }

    pub(super) async fn release(
        &mut self,
        held: &[Lease],
    ) -> Result<(), Error> {
        let ours = held.iter().filter_map(|lease| {
            self.holds(lease)?;
            self.held.remove(&lease.task.id)
        });
        let ours: Vec<_> = ours.collect();
        let released =
            ours.iter().map(|(_, it)| it.ack_with(AckKind::Nak(None)));
        self.flush_acks(released).await
    }

    /// Waits until the server has heard all of it. While there is no
    /// connection, that alone would have no end.
    async fn flush_acks(
        &self,
        acks: impl Iterator<
            Item = impl Future<Output = Result<(), async_nats::Error>>,
        >,
    ) -> Result<(), Error> {
        let all = async {
            for sent in join_all(acks).await {
                sent.map_err(gone)?;
            }
            self.client.flush().await.map_err(gone)
        };
        let all = timeout(RETRY_TIME, all).await;
        all.map_err(|_| gone("no queue: no server answers"))?
    }
}
