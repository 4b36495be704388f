//! How far a job has come, as its streams tell.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::sleep;

use super::errors::{CallError, gone};
use super::job::Job;
use super::payload::Payload;
use crate::{Error, Stats};

/// How long to listen for workers that say that they are here.
const ROLL_CALL: Duration = Duration::from_millis(100);

impl Job {
    pub(super) async fn stats(&self) -> Result<Stats, Error> {
        let consumer = self.task_consumer_info().await?;
        let events = self.subject('x', '>');
        let (state, names) = self
            .retry(async || {
                let results = self.stream(self.results()).await?;
                let found = results.info_with_subjects(&events).await;
                let found = found.map_err(CallError::transient)?;
                let state = found.info.state.clone();
                let names: Vec<_> =
                    found.try_collect().await.map_err(CallError::transient)?;
                Ok((state, names))
            })
            .await?;
        let count = |what: &str| {
            let start = self.subject('x', what);
            names.iter().filter(|(name, _)| name.starts_with(&start)).count()
        };
        let busy = state.last_timestamp - state.first_timestamp;
        let busy = Duration::try_from(busy).unwrap_or_default();
        // Of nothing, the first and the last have no time.
        let busy = if state.messages > 0 { busy } else { Duration::ZERO };
        let failed = count("f.");
        // An event may have come after the messages were counted.
        let results = (state.messages as usize).saturating_sub(names.len());
        Ok(Stats {
            waiting: consumer.num_pending as usize,
            leased: consumer.num_ack_pending,
            done: results.saturating_sub(failed),
            failed,
            redelivered: count("q."),
            duplicates: count("d."),
            workers: self.roll_call().await?,
            workers_seen: count("w."),
            busy,
            closed: count("over") > 0,
        })
    }

    /// How many workers answer.
    async fn roll_call(&self) -> Result<usize, Error> {
        let inbox = self.client.new_inbox();
        let answers = self.client.subscribe(inbox.clone()).await;
        let answers = answers.map_err(gone)?;
        let call =
            self.client.publish_with_reply(self.roll(), inbox, "".into());
        call.await.map_err(gone)?;
        let here = answers.filter(|it| {
            std::future::ready(it.status.is_none()) // Else there is none.
        });
        let here = here.take_until(sleep(ROLL_CALL));
        Ok(here.count().await)
    }

    pub(super) async fn close(&self) -> Result<(), Error> {
        let over = self.subject('x', "over");
        self.publish(&[(over, Payload::empty())]).await.map(drop)
    }
}
