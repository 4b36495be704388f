//! A job's streams: created, found, cleared.

use std::fmt;
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::context::CreateStreamErrorKind;
use async_nats::jetstream::stream::{
    self, ConsumerErrorKind, DiscardPolicy, RetentionPolicy,
};

use super::errors::{CallError, is_missing};
use super::job::Job;
use super::subject::epoch;
use crate::{Error, JobSettings};

impl Job {
    // ANCHOR: create
    pub(super) async fn create(
        &mut self,
        settings: JobSettings,
    ) -> Result<(), Error> {
        // A stream of another program is refused before anything is made.
        self.retry(async || self.find().await).await?;
        let base = stream::Config {
            // The settings stand here, so that other ones are refused.
            description: Some(describe(settings)),
            num_replicas: settings.replicas,
            max_messages_per_subject: 1,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            ..stream::Config::default()
        };
        self.epoch = format!("{:08x}", rand::random::<u32>());
        let results = stream::Config {
            name: self.results(),
            subjects: vec![self.subject('r', '*'), self.subject('x', '>')],
            ..base.clone()
        };
        let create = async || self.create_stream(&results).await;
        let results = self.retry(create).await?;
        self.epoch = epoch(&results); // Another master's, maybe.
        self.result_limit = limit(&results);
        let tasks = stream::Config {
            name: self.tasks(),
            subjects: vec![self.subject('t', '>')],
            retention: RetentionPolicy::WorkQueue,
            ..base
        };
        let create = async || self.create_stream(&tasks).await;
        let tasks = self.retry(create).await?;
        self.task_limit = limit(&tasks);
        if epoch(&tasks) != self.epoch {
            let what =
                format!("the job {} is half cleared: clear it", self.name);
            return Err(Error::Failed(what));
        }
        let workers = pull::Config {
            durable_name: Some(self.workers()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: settings.lease,
            max_ack_pending: -1, // With 1,000, workers would starve.
            max_waiting: 1 << 14,
            ..pull::Config::default()
        };
        self.keep(settings);
        self.retry(async || {
            let tasks = self.stream(self.tasks()).await?;
            let made = tasks.create_consumer(workers.clone()).await;
            made.map(drop).map_err(|error| match error.kind() {
                ConsumerErrorKind::JetStream(error) => CallError::of(&error),
                _ => CallError::transient(error),
            })
        })
        .await
    }
    // ANCHOR_END: create

    /// The stream, if it was created now or by another master.
    async fn create_stream(
        &self,
        config: &stream::Config,
    ) -> Result<stream::Config, CallError> {
        let error = match self.engine.create_stream(config).await {
            Ok(made) => return Ok(made.cached_info().config.clone()),
            Err(error) => error,
        };
        let CreateStreamErrorKind::JetStream(error) = error.kind() else {
            return Err(CallError::transient(error));
        };
        if error.error_code() != ErrorCode::STREAM_NAME_EXIST {
            return Err(CallError::of(&error));
        }
        let old = self.engine.get_stream(&config.name).await;
        let old = old.map_err(CallError::transient)?;
        let old = self.ours(&old.cached_info().config)?;
        let settings = |it: &stream::Config| {
            (it.description.clone().unwrap_or_default(), it.num_replicas)
        };
        if settings(config) == settings(old) {
            return Ok(old.clone());
        }
        let (settings, replicas) = settings(old);
        let settings = settings.strip_prefix(MARK).unwrap_or_default();
        Err(CallError::Permanent(format!(
            "the job {} is there with other settings ({settings}, replicas \
             {replicas}): take those, or another name, or clear it",
            self.name,
        )))
    }

    /// The stream of a job of this name, and no other stream that happens to
    /// be called like it.
    fn ours<'a>(
        &self,
        config: &'a stream::Config,
    ) -> Result<&'a stream::Config, CallError> {
        let description = config.description.as_deref().unwrap_or_default();
        let prefix = format!("{}.{}.", self.name, epoch(config));
        let has_ours = |subject: &String| subject.starts_with(&prefix);
        let is_ours = description.starts_with(MARK)
            && !config.subjects.is_empty()
            && config.subjects.iter().all(has_ours);
        match is_ours {
            true => Ok(config),
            false => Err(CallError::Permanent(format!(
                "the stream {} is there, and is no job of ours: take another \
                 name",
                config.name
            ))),
        }
    }

    pub(super) async fn open(&mut self) -> Result<(), Error> {
        let found = self.retry(async || self.find().await).await?;
        let missing =
            || format!("there is no job {}; its master creates it", self.name);
        let found = found.ok_or_else(|| Error::Gone(missing()))?;
        self.keep(found.settings);
        (self.epoch, self.task_limit) = (found.epoch, found.limit);
        if let Ok(results) = self.engine.get_stream(self.results()).await {
            self.result_limit = limit(&results.cached_info().config);
        }
        Ok(())
    }

    fn keep(&mut self, settings: JobSettings) {
        JobSettings {
            lease: self.lease,
            tries: self.tries,
            replicas: self.replicas,
        } = settings;
    }

    /// The job as it is now, if it is there.
    async fn find(&self) -> Result<Option<Found>, CallError> {
        match self.engine.get_stream(self.tasks()).await {
            Ok(tasks) => {
                let config = self.ours(&tasks.cached_info().config)?;
                Ok(Some(Found::read(config)))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(CallError::of_stream(&error)),
        }
    }

    /// What it means that something of ours is not there. A job that is
    /// missing may come back, when its servers do.
    pub(super) async fn lost(&self, error: impl fmt::Display) -> CallError {
        let Self { name, epoch, .. } = self;
        match self.find().await {
            Ok(None) => CallError::Transient(format!("there is no job {name}")),
            Ok(Some(other)) if other.epoch != *epoch => self.cleared(),
            _ => CallError::transient(error),
        }
    }

    pub(super) fn cleared(&self) -> CallError {
        CallError::Cleared(format!("the job {} has been cleared", self.name))
    }

    pub(super) async fn stream(
        &self,
        name: String,
    ) -> Result<stream::Stream<()>, CallError> {
        let stream = self.engine.get_stream_no_info(name).await;
        stream.map_err(CallError::transient)
    }

    /// The tasks go last: until then `open` finds what is left.
    pub(super) async fn remove(&self) -> Result<(), Error> {
        for stream in [self.results(), self.tasks()] {
            self.retry(async || self.remove_stream(&stream).await).await?;
        }
        Ok(())
    }

    async fn remove_stream(&self, name: &str) -> Result<(), CallError> {
        let found = match self.engine.get_stream(name).await {
            Err(error) if is_missing(&error) => return Ok(()),
            found => found.map_err(|error| CallError::of_stream(&error))?,
        };
        self.ours(&found.cached_info().config)?;
        match self.engine.delete_stream(name).await {
            Err(error) if !is_missing(&error) => {
                Err(CallError::of_stream(&error))
            }
            _ => Ok(()),
        }
    }

    /// The job ends, and begins a new epoch.
    pub(super) async fn clear(&mut self) -> Result<(), Error> {
        self.remove().await?;
        self.held.clear();
        (self.task_fetcher, self.reader, self.read) = (None, None, 0);
        self.works = false;
        let lease = self.lease;
        let tries = self.tries;
        let replicas = self.replicas;
        self.create(JobSettings { lease, tries, replicas }).await
    }
}

/// A job that is there.
struct Found {
    epoch: String,
    settings: JobSettings,
    limit: usize,
}

/// Every stream of ours has it in its description.
const MARK: &str = "task_farm: ";

fn describe(settings: JobSettings) -> String {
    let JobSettings { lease, tries, .. } = settings;
    format!("{MARK}lease {} s, tries {tries}", lease.as_secs_f64())
}

impl Found {
    fn read(config: &stream::Config) -> Self {
        let text = config.description.as_deref().unwrap_or_default();
        let mut numbers = text
            .split(' ')
            .filter_map(|word| word.trim_end_matches(',').parse::<f64>().ok());
        let mut number = || numbers.next().unwrap_or_default();
        let lease = Duration::try_from_secs_f64(number()).unwrap_or_default();
        let tries = number() as u32;
        let replicas = config.num_replicas;
        let settings = JobSettings { lease, tries, replicas };
        Self { epoch: epoch(config), settings, limit: limit(config) }
    }
}

/// The most bytes that a message of this stream may have.
fn limit(stream: &stream::Config) -> usize {
    match stream.max_message_size {
        most @ 1.. => most as usize,
        _ => usize::MAX,
    }
}
