//! The connection to the servers, and how long a call is repeated.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream::context::AccountErrorKind;
use async_nats::{
    Client, ConnectErrorKind, ConnectOptions, Event, ServerError, jetstream,
};
use tokio::time::{Instant, sleep, timeout};

use super::address::NatsAddress;
use super::errors::CallError;
use super::{ANSWER, Job, PAUSE, RETRY_TIME};
use crate::Error;

async fn connect(
    address: &NatsAddress,
    forbidden: &Arc<Mutex<Option<String>>>,
) -> Result<Client, Error> {
    let forbidden = forbidden.clone();
    let mut options = ConnectOptions::new()
        .event_callback(move |event| {
            if let Event::ServerError(ServerError::Other(what)) = event
                && what.to_lowercase().contains("permissions violation")
            {
                *forbidden.lock().unwrap() = Some(what);
            }
            async {}
        })
        .connection_timeout(ANSWER)
        .request_timeout(Some(ANSWER))
        .ping_interval(Duration::from_secs(5))
        .reconnect_delay_callback(|tries| PAUSE * tries.min(5) as u32);
    if let Some(user) = &address.user {
        let key = address.key.clone().unwrap_or_default();
        options = options.user_and_password(user.clone(), key);
    }
    let client = options.connect(&address.hosts[..]).await;
    client.map_err(|error| match error.kind() {
        ConnectErrorKind::AuthorizationViolation => Error::Failed(format!(
            "{address} does not let us in: another user or key"
        )),
        ConnectErrorKind::ServerParse => {
            Error::Failed(format!("{address}: {error}"))
        }
        _ => Error::Gone(format!("{address}: no server there: {error}")),
    })
}

impl Job {
    pub(super) async fn connect(
        address: &NatsAddress,
        name: &str,
    ) -> Result<Self, Error> {
        let forbidden = Arc::default();
        let client = connect(address, &forbidden).await?;
        let engine = jetstream::ContextBuilder::new()
            .timeout(ANSWER)
            .build(client.clone());
        let (name, epoch) = (name.to_string(), String::new());
        let (held, stopped, tries, lease, replicas) = Default::default();
        let (task_fetcher, reader, read, works) = (None, None, 0, false);
        let job = Self {
            client,
            engine,
            name,
            epoch,
            tries,
            lease,
            replicas,
            stopped,
            forbidden,
            held,
            task_fetcher,
            reader,
            read,
            works,
        };
        // A server that has just started may need a moment.
        let there = async || match job.engine.query_account().await {
            Err(error)
                if error.kind() == AccountErrorKind::JetStreamUnavailable =>
            {
                Err(CallError::Transient(format!(
                    "{address} has no JetStream: start nats-server with -js"
                )))
            }
            _ => Ok(()),
        };
        job.retry_for(2 * ANSWER, 2 * ANSWER, there).await?;
        Ok(job)
    }

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
        *self.forbidden.lock().unwrap() = None;
        let mut why = String::from("no answer");
        loop {
            if self.stopped.load(Relaxed) {
                return Err(Error::Stopped);
            }
            match timeout(one_try, act()).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => why = error.into_reason()?,
                Err(_) => {} // What was said before tells more.
            }
            if let Some(what) = self.forbidden.lock().unwrap().take() {
                return Err(Error::Failed(format!("the server says: {what}")));
            }
            if start.elapsed() >= time {
                return Err(Error::Gone(format!("no queue: {why}")));
            }
            sleep(PAUSE).await;
        }
    }
}
