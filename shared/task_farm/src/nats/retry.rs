//! How long a call is repeated.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::errors::CallError;
use super::job::Job;
use crate::Error;

/// How long a call tries again before it says that no server is there. A
/// cluster whose leader has died has another one within seconds.
pub(super) const RETRY_TIME: Duration = Duration::from_secs(30);

/// How long one question waits for its answer.
pub(super) const ANSWER: Duration = Duration::from_secs(3);

/// Between two tries.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

impl Job {
    /// Tries until it works, or the time is up.
    pub(super) async fn retry<T>(
        &self,
        act: impl AsyncFnMut() -> Result<T, CallError>,
    ) -> Result<T, Error> {
        self.retry_for(RETRY_TIME, 2 * ANSWER, act).await
    }

    /// Tries until it works, or the time is up; one try may take so long.
    pub(super) async fn retry_for<T>(
        &self,
        time: Duration,
        one_try: Duration,
        mut act: impl AsyncFnMut() -> Result<T, CallError>,
    ) -> Result<T, Error> {
        let start = Instant::now();
        self.forget_refusal();
        let mut why = String::from("no answer");
        loop {
            match timeout(one_try, act()).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => why = error.into_reason()?,
                Err(_) => {} // What was said before tells more.
            }
            self.check_allowed()?;
            if start.elapsed() >= time {
                return Err(Error::Gone(format!("no queue: {why}")));
            }
            sleep(PAUSE).await;
        }
    }

    /// Asks until something comes, until it is over, or for as long as `wait`.
    /// While no server answers, it asks on as a call that is repeated.
    pub(super) async fn ask<T>(
        &mut self,
        wait: Duration,
        mut question: impl AsyncFnMut(
            &mut Self,
            Duration,
        ) -> Result<(Vec<T>, bool), CallError>,
    ) -> Result<Vec<T>, Error> {
        let start = Instant::now();
        self.forget_refusal();
        let mut silent_since = None;
        loop {
            let left = wait.saturating_sub(start.elapsed());
            match question(self, left.min(ANSWER)).await {
                Ok((got, over)) => {
                    if over || !got.is_empty() || start.elapsed() >= wait {
                        return Ok(got);
                    }
                    silent_since = None;
                }
                Err(error) => {
                    let why = error.into_reason()?;
                    self.check_allowed()?;
                    let since = silent_since.get_or_insert_with(Instant::now);
                    if since.elapsed() >= RETRY_TIME {
                        return Err(Error::Gone(format!("no queue: {why}")));
                    }
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// At the beginning of a call.
    pub(super) fn forget_refusal(&self) {
        *self.forbidden.lock().unwrap() = None;
    }

    /// An error if the server has forbidden something since the call began.
    pub(super) fn check_allowed(&self) -> Result<(), Error> {
        let forbidden = self.forbidden.lock().unwrap().take();
        forbidden.map_or(Ok(()), |what| {
            Err(Error::Failed(format!("the server says: {what}")))
        })
    }
}
