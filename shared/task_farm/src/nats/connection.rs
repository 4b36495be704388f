//! The connection to the servers, and our credentials.

use std::collections::HashMap;
use std::error::Error as _;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream::context::AccountErrorKind;
use async_nats::{
    Client, ClientError, ConnectError, ConnectErrorKind, ConnectOptions, Event,
    ServerError, jetstream,
};

use super::address::NatsAddress;
use super::errors::CallError;
use super::job::Job;
use super::retry::{ANSWER, PAUSE};
use crate::Error;

/// A server says the second one when it is back and knows another key.
const FORBIDDEN: [&str; 2] =
    ["permissions violation", "authorization violation"];

async fn connect(
    address: &NatsAddress,
    forbidden: &Arc<Mutex<Option<String>>>,
) -> Result<Client, Error> {
    let forbidden = forbidden.clone();
    let options = ConnectOptions::new()
        .event_callback(move |event| {
            if let Event::ServerError(ServerError::Other(what))
            | Event::ClientError(ClientError::Other(what)) = event
                && FORBIDDEN.iter().any(|it| what.to_lowercase().contains(it))
            {
                *forbidden.lock().unwrap() = Some(what);
            }
            async {}
        })
        .connection_timeout(ANSWER)
        .request_timeout(Some(ANSWER))
        .ping_interval(Duration::from_secs(5))
        .reconnect_delay_callback(|tries| PAUSE * tries.min(5) as u32);
    let options = log_in(options, address)?;
    let client = options.connect(address.urls()).await;
    client.map_err(|error| match error.kind() {
        ConnectErrorKind::AuthorizationViolation => Error::Failed(format!(
            "{address} does not let us in: another user or key"
        )),
        _ if will_not_pass(&error) => {
            Error::Failed(format!("{address}: {error}"))
        }
        _ => Error::Gone(format!("{address}: no server there: {error}")),
    })
}

/// What the address says of us: a file, a user with a key, or a token.
fn log_in(
    mut options: ConnectOptions,
    address: &NatsAddress,
) -> Result<ConnectOptions, Error> {
    let files = &address.files;
    let failed = |file: &Path, error: &dyn std::fmt::Display| {
        Error::Failed(format!("{}: {error}", file.display()))
    };
    let read = |file: &Path| {
        let text = std::fs::read_to_string(file);
        text.map_err(|error| failed(file, &error))
    };
    if let Some(file) = &files.creds {
        let credentials = options.credentials(&read(file)?);
        options = credentials.map_err(|error| failed(file, &error))?;
    } else if let Some(file) = &files.nkey {
        let text = read(file)?;
        let seed = text.lines().find(|line| line.starts_with('S'));
        let seed = seed.ok_or_else(|| failed(file, &"it holds no seed"))?;
        options = options.nkey(seed.trim_end().into());
    } else {
        options = match (address.user.clone(), address.key.clone()) {
            (Some(user), Some(key)) => options.user_and_password(user, key),
            (Some(token), None) | (None, Some(token)) => options.token(token),
            (None, None) => options,
        };
    }
    if let Some(file) = &files.tlsca {
        read(file)?;
        options = options.add_root_certificates(file.clone());
    }
    if let (Some(cert), Some(key)) = (&files.tlscert, &files.tlskey) {
        read(cert)?;
        read(key)?;
        options = options.add_client_certificate(cert.clone(), key.clone());
    }
    Ok(options)
}

/// A certificate that is not to be trusted, a seed that is none.
fn will_not_pass(error: &ConnectError) -> bool {
    let io = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    match error.kind() {
        ConnectErrorKind::ServerParse
        | ConnectErrorKind::Authentication
        | ConnectErrorKind::Tls => true,
        _ => io.is_some_and(|it| it.kind() == io::ErrorKind::InvalidData),
    }
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
        let job = Self {
            client,
            engine,
            name: name.to_string(),
            epoch: String::new(),
            tries: 0,
            lease: Duration::ZERO,
            replicas: 0,
            task_limit: usize::MAX,
            result_limit: usize::MAX,
            forbidden,
            held: HashMap::new(),
            task_fetcher: None,
            reader: None,
            read: 0,
            works: false,
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

    /// All servers of an older cluster may stop, and lose their streams.
    pub(super) fn warning(&self) -> Option<String> {
        let version = self.client.server_info().version;
        let is_old = !self.client.is_server_compatible(2, 10, 0);
        (self.replicas > 1 && is_old).then(|| {
            format!(
                "nats-server {version} may lose a job when all servers stop; \
                 replicas want 2.10 or later"
            )
        })
    }
}
