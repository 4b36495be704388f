//! Messages: published once a subject, found, removed.

use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{self, LastRawMessageErrorKind};
use futures_util::future::join_all;

use super::errors::{CallError, refused};
use super::job::Job;
use super::payload::Payload;
use super::retry::{ANSWER, RETRY_TIME};
use crate::Error;

/// So many messages are on their way at once, and so many bytes.
const WINDOW: usize = 500;
const WINDOW_BYTES: usize = 256 << 10;

/// The most bytes of a message's headers.
const HEADER_BYTES: usize = 128;

/// The bytes a second of the slowest line that still counts as one.
const SLOWEST: u32 = 30_000;

impl Job {
    /// Publishes all, and says of each whether its subject was free.
    pub(super) async fn publish(
        &self,
        messages: &[(String, Payload)],
    ) -> Result<Vec<bool>, Error> {
        let mut fresh = Vec::with_capacity(messages.len());
        let mut rest = messages;
        while !rest.is_empty() {
            let (window, left) = rest.split_at(window(rest));
            rest = left;
            // So long the line may take, until the last answer is there.
            let bytes = window.iter().map(|(_, it)| it.body.len() as u64).sum();
            let on_the_way = Duration::from_secs(bytes) / SLOWEST;
            let mut engine = self.engine.clone();
            engine.set_timeout(ANSWER + on_the_way);
            let mut outcome = vec![None; window.len()];
            let mut tried = false;
            let one_try = 2 * ANSWER + on_the_way;
            self.retry_for(RETRY_TIME, one_try, async || {
                let again = std::mem::replace(&mut tried, true);
                let all = window.iter().zip(&mut outcome);
                let left = all.filter(|(_, outcome)| outcome.is_none());
                let sent = left.map(async |((subject, payload), outcome)| {
                    let mut fresh =
                        self.publish_one(&engine, subject, payload).await?;
                    if again && !fresh && self.is_task(subject) {
                        // It may be ours, and the answer was lost. Of a result
                        // this is not known: others come to the same.
                        let (_, there) = self.last(subject).await?;
                        let ours =
                            |it: &StreamMessage| it.payload == payload.body;
                        fresh = there.as_ref().is_some_and(ours);
                    }
                    *outcome = Some(fresh);
                    Ok(())
                });
                join_all(sent).await.into_iter().collect::<Result<(), _>>()
            })
            .await?;
            fresh.extend(outcome.into_iter().flatten());
        }
        Ok(fresh)
    }

    async fn publish_one(
        &self,
        engine: &jetstream::Context,
        subject: &str,
        payload: &Payload,
    ) -> Result<bool, CallError> {
        let subject = subject.to_string();
        let body = payload.body.clone();
        let sent = match payload.headers() {
            None => engine.publish(subject, body.into()).await,
            Some(headers) => {
                engine.publish_with_headers(subject, headers, body.into()).await
            }
        };
        let outcome = match sent {
            Ok(stored) => stored.await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == PublishErrorKind::StreamNotFound => {
                Err(self.lost(error).await)
            }
            Err(_) if self.client.connection_state() != State::Connected => {
                Err(CallError::transient("no server answers"))
            }
            Err(error) => refused(&error).map(|()| false),
        }
    }

    /// The most bytes of a message without its headers, on a stream with this
    /// limit.
    pub(super) fn max_bytes(&self, stream: usize) -> usize {
        let server = self.client.server_info().max_payload;
        server.min(stream).saturating_sub(HEADER_BYTES)
    }

    /// The message that has this subject, if there is one, and its stream.
    pub(super) async fn last(
        &self,
        subject: &str,
    ) -> Result<(stream::Stream<()>, Option<StreamMessage>), CallError> {
        let of_tasks = self.is_task(subject);
        let stream = if of_tasks { self.tasks() } else { self.results() };
        let stream = self.stream(stream).await?;
        let found = stream.get_last_raw_message_by_subject(subject).await;
        match found {
            Ok(message) => Ok((stream, Some(message))),
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok((stream, None)),
                LastRawMessageErrorKind::JetStream(error) => {
                    Err(CallError::of(&error))
                }
                _ => Err(CallError::transient(error)),
            },
        }
    }

    /// Takes the task's messages away: no worker need do it any more.
    pub(super) async fn remove_task(&self, task: u64) -> Result<(), Error> {
        self.remove_all(&self.subject('t', task)).await?;
        self.remove_all(&self.subject('t', format!("{task}.*"))).await
    }

    /// Takes the messages of this subject away. No purge by subject: with
    /// nats-server 2.9 a consumer may then pass over other messages, too.
    pub(super) async fn remove_all(&self, subject: &str) -> Result<(), Error> {
        self.retry(async || {
            loop {
                let (stream, found) = self.last(subject).await?;
                let Some(message) = found else { return Ok(()) };
                let removed = stream.delete_message(message.sequence).await;
                // Or another client was quicker: then it is not found again.
                removed.map_err(CallError::transient)?;
            }
        })
        .await
    }
}

/// So many of these messages are on their way at once: a slow line must carry
/// them before the server is taken for dead.
fn window(messages: &[(String, Payload)]) -> usize {
    let mut bytes = 0;
    let fit = messages.iter().take(WINDOW).take_while(|(_, payload)| {
        bytes += payload.body.len();
        bytes <= WINDOW_BYTES
    });
    fit.count().max(1)
}
