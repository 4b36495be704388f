//! Leases: tasks delivered, extended, released.
//!
//! The server delivers a task whose lease has run out before those that still
//! wait. Here it is *requeued* instead: published again under its next
//! subject, at the end, and its old message settled. A process that dies
//! between the two leaves both messages. The old one is delivered once more,
//! and the next subject is taken already: there is no third one. Whichever of
//! the two comes after the task's result is settled without being done.

use std::future::Future;
use std::time::Duration;

use async_nats::jetstream::AckKind;
use futures_util::StreamExt;
use futures_util::future::{join_all, try_join_all};
use tokio::time::{Instant, timeout};

use super::delivery::Delivery;
use super::errors::{CallError, gone};
use super::fetch::Fetcher;
use super::job::Job;
use super::payload::{self, Payload};
use super::retry::{ANSWER, RETRY_TIME};

use crate::lease_table::given_up_after;
use crate::{Error, Lease, Task};

/// So many leases that have run out are looked at at once.
const EXPIRED: usize = 100;

impl Job {
    /// The job knows us from now on, and we answer the roll call.
    async fn register(&mut self) -> Result<(), Error> {
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
            self.register().await?;
        }
        if max == 0 {
            return Ok(Vec::new());
        }
        self.ask(wait, async |job, wait| {
            let leases = job.deliver(max, wait).await?;
            let over = leases.is_empty() && job.is_over().await;
            Ok((leases, over))
        })
        .await
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
        mut wait: Duration,
    ) -> Result<Vec<Lease>, CallError> {
        let mut tasks = match self.task_fetcher.take() {
            Some(tasks) => tasks,
            None => {
                let tasks = self.stream(self.tasks()).await?;
                match tasks.get_consumer(&self.workers()).await {
                    Ok(consumer) => Fetcher::new(&self.client, consumer),
                    Err(error) => return Err(self.lost(error).await),
                }
            }
        };
        let time = self.lease / 3; // The first leases must not run out.
        loop {
            let messages = tasks.fetch(max, wait, ANSWER, time).await?;
            let mut leases = Vec::with_capacity(messages.len());
            let mut again = Vec::new();
            for message in messages {
                let delivery = Delivery::read(message)?;
                match delivery.is_first() {
                    true => leases.extend(self.lease(delivery).await?),
                    false => again.push(delivery),
                }
            }
            let requeued = !again.is_empty();
            leases.extend(self.lease_again(again).await?);
            if !leases.is_empty() || !requeued {
                self.task_fetcher = Some(tasks);
                return Ok(leases);
            }
            wait = Duration::ZERO; // What was requeued is there.
        }
    }

    /// Does what a worker does that asks for tasks, as long as none asks:
    /// leases that have run out are requeued, or their tasks given up.
    pub(super) async fn expire(&mut self) -> Result<(), CallError> {
        let tasks = self.stream(self.tasks()).await?;
        let consumer = match tasks.consumer_info(&self.workers()).await {
            Ok(consumer) => consumer,
            Err(error) => return Err(self.lost(error).await),
        };
        let is_asked = consumer.num_waiting > 0 || consumer.num_pending > 0;
        if is_asked || consumer.num_ack_pending == 0 {
            return Ok(());
        }
        let leases = self.deliver(EXPIRED, Duration::ZERO).await?;
        self.release(&leases).await.map_err(CallError::of_call)
    }

    /// Leases of those that come under a new subject; requeues the others.
    async fn lease_again(
        &mut self,
        deliveries: Vec<Delivery>,
    ) -> Result<Vec<Lease>, CallError> {
        let has_result = deliveries.iter().map(async |delivery| {
            let result = self.subject('r', delivery.task);
            self.last(&result).await.map(|(_, found)| found.is_some())
        });
        let has_result = try_join_all(has_result).await?;
        let mut leases = Vec::new();
        let mut failed = Vec::new();
        for (delivery, has_result) in deliveries.into_iter().zip(has_result) {
            if has_result {
                // Should this get lost, it comes once more.
                let _ = delivery.message.ack().await;
            } else if !delivery.is_redelivered {
                leases.extend(self.lease(delivery).await?);
            } else if delivery.failed + 1 >= self.tries {
                let why = given_up_after(self.tries);
                self.give_up(delivery, &why).await?;
            } else {
                failed.push(delivery);
            }
        }
        let requeued = self.requeue(&failed, false).await;
        requeued.map_err(CallError::of_call)?;
        Ok(leases)
    }

    /// A lease of the task; none when its message makes no sense.
    async fn lease(
        &mut self,
        delivery: Delivery,
    ) -> Result<Option<Lease>, CallError> {
        let message = &delivery.message;
        let body = payload::read(message.headers.as_ref(), &message.payload);
        let body = match body {
            Ok(body) => body,
            Err(why) => {
                self.give_up(delivery, &why).await?;
                return Ok(None);
            }
        };
        let id = delivery.task;
        let number = delivery.number;
        let lease = Lease {
            task: Task { id, body },
            number,
            delivery_count: delivery.earlier + 1,
            duration: Some(self.lease),
        };
        self.held.insert(id, delivery);
        Ok(Some(lease))
    }

    async fn give_up(
        &mut self,
        delivery: Delivery,
        why: &str,
    ) -> Result<(), CallError> {
        let task = delivery.task;
        self.held.insert(task, delivery);
        self.fail(task, why).await.map_err(CallError::of_call)
    }

    /// Puts these tasks at the end. The delivery has failed, unless its worker
    /// released the task.
    async fn requeue(
        &self,
        deliveries: &[Delivery],
        released: bool,
    ) -> Result<(), Error> {
        let mut messages = Vec::with_capacity(2 * deliveries.len());
        for Delivery { task, earlier, failed, message, .. } in deliveries {
            let failed = failed + u32::from(!released);
            let copy = self.subject('t', format!("{task}.{}", earlier + 1));
            messages.push((copy, Payload::again(message, failed)));
            let event = self.subject('x', format!("q.{task}.{earlier}"));
            messages.push((event, Payload::empty()));
        }
        // One that is refused is there already.
        self.publish(&messages).await?;
        let settled = deliveries.iter().map(|delivery| delivery.message.ack());
        self.flush_acks(settled).await
    }

    /// The delivery of a lease, if this handle holds it and it has not run out.
    fn holds(&self, lease: &Lease) -> Option<&Delivery> {
        let held = self.held.get(&lease.task.id)?;
        let is_its_own = held.number == lease.number;
        (is_its_own && held.is_in_time(self.lease)).then_some(held)
    }

    pub(super) async fn extend(
        &mut self,
        leases: &[Lease],
    ) -> Result<(), Error> {
        let now = Instant::now();
        let ours = leases.iter().filter_map(|lease| self.holds(lease));
        let acks = ours.map(|it| it.message.ack_with(AckKind::Progress));
        self.flush_acks(acks).await?;
        for lease in leases {
            if self.holds(lease).is_some()
                && let Some(held) = self.held.get_mut(&lease.task.id)
            {
                held.at = now;
            }
        }
        Ok(())
    }

    pub(super) async fn release(
        &mut self,
        leases: &[Lease],
    ) -> Result<(), Error> {
        let ours = leases.iter().filter(|lease| self.holds(lease).is_some());
        let ours: Vec<_> = ours.map(|lease| lease.task.id).collect();
        let ours = ours.iter().filter_map(|task| self.held.remove(task));
        let ours: Vec<_> = ours.collect();
        match self.requeue(&ours, true).await {
            Err(Error::Cleared(_)) => Ok(()), // They are no more.
            requeued => requeued,
        }
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
        self.forget_refusal();
        let sent = match timeout(RETRY_TIME, all).await {
            Ok(sent) => sent,
            Err(_) => Err(gone("no queue: no server answers")),
        };
        if sent.is_err() {
            self.check_allowed()?;
        }
        sent
    }
}
