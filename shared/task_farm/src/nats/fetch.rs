//! What a consumer has, over a line that may be slow.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{PullConsumer, pull};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::errors::CallError;

/// What there is, at most `max` messages. When there is nothing, the first message that comes within `wait`. A server that sends
/// nothing for `silence` has no more to send: what has come by then is kept.
pub(super) async fn fetch(
    consumer: &PullConsumer,
    max: usize,
    wait: Duration,
    silence: Duration,
) -> Result<Vec<Message>, CallError> {
    let now = consumer.fetch().max_messages(max);
    let now = now.messages().await.map_err(CallError::transient)?;
    let now = gather(now, silence).await?;
    if !now.is_empty() || wait.is_zero() {
        return Ok(now);
    }
    let next = consumer.batch().max_messages(1).expires(wait);
    let next = next.messages().await.map_err(CallError::transient)?;
    gather(next, wait + silence).await
}

async fn gather(
    mut messages: pull::Batch,
    silence: Duration,
) -> Result<Vec<Message>, CallError> {
    let mut all = Vec::new();
    loop {
        match timeout(silence, messages.next()).await {
            Ok(None) => return Ok(all),
            Ok(Some(Ok(message))) => all.push(message),
            _ if !all.is_empty() => return Ok(all),
            Ok(Some(Err(error))) => return Err(CallError::transient(error)),
            Err(silent) => return Err(CallError::transient(silent)),
        }
    }
}
