//! What a consumer has, over a line that may be slow.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::{Client, Statistics};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use super::errors::CallError;

/// One request asks for about so many bytes at the most: a server drops a
/// client that does not read what it was sent within some seconds.
const REQUEST_BYTES: usize = 256 << 10;

/// So large a message is expected to be, as long as none has come.
const FIRST_GUESS: usize = 4 << 10;

/// With fewer bytes a line is silent: pings alone have less.
const SILENT_BYTES: u64 = 1 << 10;

/// A consumer, and what is known of its messages and its line.
pub(super) struct Fetcher {
    consumer: PullConsumer,
    statistics: Arc<Statistics>,
    /// The bytes of the largest message of the last request.
    largest: usize,
    /// The last request, dropped just before the next: the end of its
    /// subscription then needs no write of its own.
    last: Option<pull::Batch>,
}

/// Reads the results in their order.
pub(super) struct Reader {
    pub fetcher: Fetcher,
    /// The next message's number, in the consumer's count.
    pub next: u64,
}

impl Fetcher {
    pub fn new(client: &Client, consumer: PullConsumer) -> Self {
        let statistics = client.statistics();
        Self { consumer, statistics, largest: FIRST_GUESS, last: None }
    }

    /// What there is, at most `max` messages; one request after the other is
    /// made for about `time`. If there is nothing, the first message that comes
    /// within `wait`. A line that carries nothing for `silence` has no more to
    /// carry: what has come by then is kept.
    pub async fn fetch(
        &mut self,
        max: usize,
        wait: Duration,
        silence: Duration,
        time: Duration,
    ) -> Result<Vec<Message>, CallError> {
        let start = Instant::now();
        let mut all = Vec::new();
        loop {
            let fit = REQUEST_BYTES / self.largest.max(1);
            let count = fit.clamp(1, max - all.len());
            self.last = None;
            let now = self.consumer.fetch().max_messages(count);
            let now = now.messages().await.map_err(CallError::transient)?;
            let before = all.len();
            self.gather(now, silence, &mut all).await?;
            let is_last = all.len() - before < count || all.len() == max;
            if is_last || start.elapsed() >= time {
                break;
            }
        }
        if all.is_empty() && !wait.is_zero() {
            let next = self.consumer.batch().max_messages(1).expires(wait);
            let next = next.messages().await.map_err(CallError::transient)?;
            self.gather(next, wait + silence, &mut all).await?;
        }
        let largest = all.iter().map(|it| it.length).max();
        self.largest = largest.unwrap_or(self.largest);
        Ok(all)
    }

    /// An error only if there is no message at all.
    async fn gather(
        &mut self,
        messages: pull::Batch,
        silence: Duration,
        all: &mut Vec<Message>,
    ) -> Result<(), CallError> {
        let messages = self.last.insert(messages);
        loop {
            let bytes = self.statistics.in_bytes.load(Relaxed);
            let carried = || self.statistics.in_bytes.load(Relaxed) - bytes;
            let why = match timeout(silence, messages.next()).await {
                Ok(None) => return Ok(()),
                Ok(Some(Ok(message))) => {
                    all.push(message);
                    continue;
                }
                Err(_) if carried() > SILENT_BYTES => continue,
                Ok(Some(Err(error))) => CallError::transient(error),
                Err(silent) => CallError::transient(silent),
            };
            return if all.is_empty() { Err(why) } else { Ok(()) };
        }
    }
}
