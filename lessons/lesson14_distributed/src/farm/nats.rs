//! A farm on NATS JetStream: on one server, or on a cluster of them.
//!
//! A job is two streams: `JOB_tasks`, from which a task goes when it is
//! settled, and `JOB_results`, which keeps what comes. Both hold one message a
//! subject and refuse a second one, and a task's number is in its subject:
//! the engine itself sees to it that a task is held once and that its first
//! result counts. Each *life* of a job, from its first master to `clear`, has
//! subjects of its own: what is said to the last one reaches nobody.

mod address;
mod trouble;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::{
    AckPolicy, DeliverPolicy, PullConsumer, pull,
};
use async_nats::jetstream::context::{
    AccountErrorKind, ConsumerInfoErrorKind, CreateStreamErrorKind,
    PublishErrorKind,
};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{
    self, ConsumerErrorKind, DiscardPolicy, LastRawMessageErrorKind,
    RetentionPolicy,
};
use async_nats::jetstream::{self, AckKind, ErrorCode, Message};
use async_nats::{
    Client, ConnectErrorKind, ConnectOptions, Event, ServerError,
};
use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep, timeout};

pub use address::NatsAddress;
use trouble::{Trouble, is_missing, refused};

use super::{Done, Error, Farm, Loan, Status, Task};
use pymanagers::Value;
use pymanagers::pickle::{self, Limits};

/// How long a call tries again before it says that nobody is there. A
/// cluster whose leader has died has another one within seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long one question waits for its answer.
const ANSWER: Duration = Duration::from_secs(3);

/// So long a reader may be silent. It is on one server only, and the next one
/// is made on another.
const SILENCE: Duration = Duration::from_millis(1500);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// So many messages are on their way at once.
const WINDOW: usize = 500;

/// The most results that are read at once.
const READ: usize = 1000;

/// How long to listen for workers that say that they are here.
const ROLL_CALL: Duration = Duration::from_millis(100);

/// A job's settings; they stay as they are until it is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobSettings {
    /// How long a loan lasts, unless it is renewed: longer than a task takes.
    pub lease: Duration,
    /// On how many servers of a cluster everything is kept: 1, 3 or 5.
    pub replicas: usize,
}

/// A farm on NATS JetStream. Any number of masters and workers, on any
/// machines, may have a handle of the same job.
///
/// The connection is kept by a thread in the background; every call here
/// waits for its answer. While no server answers, a call tries again for 30
/// seconds, and then fails with [`Error::Gone`].
pub struct Nats {
    job: Job,
    // The last field: what it drives is dropped before it.
    runtime: Runtime,
}

impl Nats {
    /// Opens a job, and creates it if it is not there.
    ///
    /// # Errors
    ///
    /// When no server is there or lets us in, or when the job is there with
    /// other settings.
    pub fn create(
        address: &NatsAddress,
        job: &str,
        settings: JobSettings,
    ) -> Result<Self, Error> {
        let mut farm = Self::connect(address, job)?;
        farm.runtime.block_on(farm.job.create(settings))?;
        Ok(farm)
    }

    /// Opens a job that is there.
    ///
    /// # Errors
    ///
    /// When no server is there or lets us in; [`Error::Gone`] also when there
    /// is no such job yet.
    pub fn open(address: &NatsAddress, job: &str) -> Result<Self, Error> {
        let mut farm = Self::connect(address, job)?;
        farm.runtime.block_on(farm.job.open())?;
        Ok(farm)
    }

    fn connect(address: &NatsAddress, job: &str) -> Result<Self, Error> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if job.is_empty() || !job.chars().all(good) {
            return Err(Error::Failed(format!(
                "{job:?} is no name for a job: letters, digits, - and _ are"
            )));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("nats")
            .enable_all()
            .build();
        let runtime =
            runtime.map_err(|error| Error::Failed(error.to_string()))?;
        let job = runtime.block_on(Job::connect(address, job))?;
        Ok(Self { job, runtime })
    }

    /// Forgets the job, its settings as well.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub fn remove(self) -> Result<(), Error> {
        self.runtime.block_on(self.job.remove())
    }

    /// The version of the server that we have reached.
    pub fn server_version(&self) -> String {
        self.job.client.server_info().version
    }

    /// When this is called, every call of this handle gets [`Error::Stopped`],
    /// soon or at once. The job stays as it is.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let stopped = self.job.stopped.clone();
        move || stopped.store(true, Relaxed)
    }
}

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

/// The job, from inside the runtime.
struct Job {
    client: Client,
    engine: jetstream::Context,
    name: String,
    /// What the subjects of this life of the job have in common.
    life: String,
    stopped: Arc<AtomicBool>,
    /// What the server has forbidden us last.
    forbidden: Arc<Mutex<Option<String>>>,
    /// The tasks that this handle holds: by number, the loan and its message.
    held: HashMap<u64, (u64, Message)>,
    lender: Option<PullConsumer>,
    reader: Option<Reader>,
    /// The number of the last result that was read, in the stream's count.
    read: u64,
    /// Set once this handle has asked for tasks.
    works: bool,
}

/// Reads the results in their order.
struct Reader {
    consumer: PullConsumer,
    /// The next message's number, in the consumer's count.
    next: u64,
}

impl Job {
    async fn connect(address: &NatsAddress, name: &str) -> Result<Self, Error> {
        let forbidden = Arc::default();
        let client = connect(address, &forbidden).await?;
        let engine = jetstream::ContextBuilder::new()
            .timeout(ANSWER)
            .build(client.clone());
        let (name, life) = (name.to_string(), String::new());
        let (held, stopped) = Default::default();
        let (lender, reader, read, works) = (None, None, 0, false);
        let job = Self {
            client,
            engine,
            name,
            life,
            stopped,
            forbidden,
            held,
            lender,
            reader,
            read,
            works,
        };
        // A server that has just started may need a moment.
        let there = async || match job.engine.query_account().await {
            Err(error)
                if error.kind() == AccountErrorKind::JetStreamUnavailable =>
            {
                Err(Trouble::Later(format!(
                    "{address} has no JetStream: start nats-server with -js"
                )))
            }
            _ => Ok(()),
        };
        job.for_so_long(2 * ANSWER, there).await?;
        Ok(job)
    }

    fn tasks(&self) -> String {
        format!("{}_tasks", self.name)
    }

    fn results(&self) -> String {
        format!("{}_results", self.name)
    }

    /// The subject of a task (`t`), a result (`r`) or an event (`x`).
    fn subject(&self, kind: char, what: impl fmt::Display) -> String {
        format!("{}.{}.{kind}.{what}", self.name, self.life)
    }

    fn is_task(&self, subject: &str) -> bool {
        subject.starts_with(&self.subject('t', ""))
    }

    /// Where the workers are asked whether they are here.
    fn roll(&self) -> String {
        format!("{}.{}.who", self.name, self.life)
    }

    /// The consumer that lends the tasks to all workers.
    fn workers(&self) -> String {
        format!("workers-{}", self.life)
    }

    /// Tries until it works, or until patience ends.
    async fn patiently<T>(
        &self,
        act: impl AsyncFnMut() -> Result<T, Trouble>,
    ) -> Result<T, Error> {
        self.for_so_long(PATIENCE, act).await
    }

    async fn for_so_long<T>(
        &self,
        patience: Duration,
        mut act: impl AsyncFnMut() -> Result<T, Trouble>,
    ) -> Result<T, Error> {
        let start = Instant::now();
        *self.forbidden.lock().unwrap() = None;
        let mut why = String::from("no answer");
        loop {
            if self.stopped.load(Relaxed) {
                return Err(Error::Stopped);
            }
            match timeout(2 * ANSWER, act()).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(trouble)) => why = trouble.passes()?,
                Err(_) => {} // What was said before tells more.
            }
            if let Some(what) = self.forbidden.lock().unwrap().take() {
                return Err(Error::Failed(format!("the server says: {what}")));
            }
            if start.elapsed() >= patience {
                return Err(Error::Gone(format!("no queue: {why}")));
            }
            sleep(PAUSE).await;
        }
    }

    // ANCHOR: create
    async fn create(&mut self, settings: JobSettings) -> Result<(), Error> {
        let JobSettings { lease, replicas } = settings;
        // The lease stands here as well, so that another one is refused.
        let description = format!("lease {} s", lease.as_secs_f64());
        let base = stream::Config {
            description: Some(description),
            num_replicas: replicas,
            max_messages_per_subject: 1,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            ..stream::Config::default()
        };
        self.life = format!("{:08x}", rand::random::<u32>());
        let results = stream::Config {
            name: self.results(),
            subjects: vec![self.subject('r', '*'), self.subject('x', '>')],
            ..base.clone()
        };
        let create = async || self.create_stream(&results).await;
        self.life = self.patiently(create).await?; // Another master's, maybe.
        let tasks = stream::Config {
            name: self.tasks(),
            subjects: vec![self.subject('t', '*')],
            retention: RetentionPolicy::WorkQueue,
            ..base
        };
        let create = async || self.create_stream(&tasks).await;
        if self.patiently(create).await? != self.life {
            let what =
                format!("the job {} is half cleared: clear it", self.name);
            return Err(Error::Failed(what));
        }
        let lender = pull::Config {
            durable_name: Some(self.workers()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: lease,
            max_ack_pending: -1, // With 1,000, workers would starve.
            max_waiting: 1 << 14,
            ..pull::Config::default()
        };
        self.patiently(async || {
            let tasks = self.stream(self.tasks()).await?;
            let made = tasks.create_consumer(lender.clone()).await;
            made.map(drop).map_err(|error| match error.kind() {
                ConsumerErrorKind::JetStream(error) => Trouble::of(&error),
                _ => Trouble::later(error),
            })
        })
        .await
    }
    // ANCHOR_END: create

    /// The life that the stream belongs to, whoever has created it.
    async fn create_stream(
        &self,
        config: &stream::Config,
    ) -> Result<String, Trouble> {
        let made = self.engine.create_stream(config).await;
        let Err(error) = made else { return Ok(self.life.clone()) };
        let CreateStreamErrorKind::JetStream(error) = error.kind() else {
            return Err(Trouble::later(error));
        };
        if error.error_code() != ErrorCode::STREAM_NAME_EXIST {
            return Err(Trouble::of(&error));
        }
        let old = self.engine.get_stream(&config.name).await;
        let old = old.map_err(Trouble::later)?.cached_info().config.clone();
        let settings = |it: &stream::Config| {
            (it.description.clone().unwrap_or_default(), it.num_replicas)
        };
        let (lease, replicas) = settings(&old);
        match settings(config) == (lease.clone(), replicas) {
            true => Ok(life(&old)),
            false => Err(Trouble::Never(format!(
                "the job {} is there with other settings ({lease}, replicas \
                 {replicas}): take those, or another name, or clear it",
                self.name,
            ))),
        }
    }

    async fn open(&mut self) -> Result<(), Error> {
        let found = self.patiently(async || self.find().await).await?;
        let missing =
            || format!("there is no job {}; its master creates it", self.name);
        self.life = found.ok_or_else(|| Error::Gone(missing()))?;
        Ok(())
    }

    /// Which life the job is in, if it is there.
    async fn find(&self) -> Result<Option<String>, Trouble> {
        match self.engine.get_stream(self.tasks()).await {
            Ok(tasks) => Ok(Some(life(&tasks.cached_info().config))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(Trouble::of_stream(&error)),
        }
    }

    /// What it means that something of ours is not there. A job that is
    /// missing may come back, when its servers do.
    async fn lost(&self, error: impl fmt::Display) -> Trouble {
        let Self { name, life, .. } = self;
        match self.find().await {
            Ok(None) => Trouble::Later(format!("there is no job {name}")),
            Ok(Some(other)) if other != *life => self.cleared(),
            _ => Trouble::later(error),
        }
    }

    fn cleared(&self) -> Trouble {
        Trouble::Cleared(format!("the job {} has been cleared", self.name))
    }

    /// Publishes all, and says of each whether its subject was free.
    async fn publish(
        &self,
        messages: &[(String, Vec<u8>)],
    ) -> Result<Vec<bool>, Error> {
        let mut fresh = Vec::with_capacity(messages.len());
        for window in messages.chunks(WINDOW) {
            let mut outcome = vec![None; window.len()];
            let mut tried = false;
            self.patiently(async || {
                let again = std::mem::replace(&mut tried, true);
                let all = window.iter().zip(&mut outcome);
                let left = all.filter(|(_, outcome)| outcome.is_none());
                let sent = left.map(async |((subject, body), outcome)| {
                    let mut fresh = self.publish_one(subject, body).await?;
                    if again && !fresh && self.is_task(subject) {
                        // It may be ours, and the answer was lost. Of a result
                        // nobody knows: others come to the same.
                        let (_, there) = self.last(subject).await?;
                        fresh = there.is_some_and(|it| it.payload == *body);
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
        subject: &str,
        body: &[u8],
    ) -> Result<bool, Trouble> {
        let body = body.to_vec().into();
        let sent = self.engine.publish(subject.to_string(), body).await;
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
                Err(Trouble::later("no server answers"))
            }
            Err(error) => refused(&error).map(|()| false),
        }
    }

    /// The numbers of the tasks that have their result.
    async fn finished(&self) -> Result<HashSet<u64>, Error> {
        let all = self.subject('r', '*');
        self.patiently(async || {
            let results = self.stream(self.results()).await?;
            let named = results.info_with_subjects(&all).await;
            let named = named.map_err(Trouble::later)?;
            let named: Vec<_> =
                named.try_collect().await.map_err(Trouble::later)?;
            Ok(named.iter().filter_map(|(name, _)| number(name)).collect())
        })
        .await
    }

    async fn stream(
        &self,
        name: String,
    ) -> Result<stream::Stream<()>, Trouble> {
        let stream = self.engine.get_stream_no_info(name).await;
        stream.map_err(Trouble::later)
    }

    async fn put(&self, tasks: &[Task]) -> Result<usize, Error> {
        let finished = self.finished().await?;
        let open = tasks.iter().filter(|task| !finished.contains(&task.id));
        let messages: Vec<_> = open
            .map(|task| (self.subject('t', task.id), payload(&task.body)))
            .collect();
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

    /// Tasks that the engine holds but does not lend to anybody any more: a
    /// server that was killed may forget to. They are put anew.
    async fn put_lost(
        &self,
        tasks: &[(String, Vec<u8>)],
    ) -> Result<usize, Error> {
        let lender = self.lending().await?;
        if lender.num_pending > 0 || lender.num_ack_pending > 0 {
            return Ok(0);
        }
        for (subject, _) in tasks {
            self.remove_one(subject).await?;
        }
        let fresh = self.publish(tasks).await?;
        Ok(fresh.iter().filter(|fresh| **fresh).count())
    }

    /// The message that has this subject, if there is one, and its stream.
    async fn last(
        &self,
        subject: &str,
    ) -> Result<(stream::Stream<()>, Option<StreamMessage>), Trouble> {
        let of_tasks = self.is_task(subject);
        let stream = if of_tasks { self.tasks() } else { self.results() };
        let stream = self.stream(stream).await?;
        let found = stream.get_last_raw_message_by_subject(subject).await;
        match found {
            Ok(message) => Ok((stream, Some(message))),
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok((stream, None)),
                LastRawMessageErrorKind::JetStream(error) => {
                    Err(Trouble::of(&error))
                }
                _ => Err(Trouble::later(error)),
            },
        }
    }

    /// Takes the message away that has this subject, if there is one. No
    /// purge by subject: with nats-server 2.9 a consumer may then pass over
    /// other messages, too.
    async fn remove_one(&self, subject: &str) -> Result<(), Error> {
        self.patiently(async || {
            let (stream, found) = self.last(subject).await?;
            let Some(message) = found else { return Ok(()) };
            let removed = stream.delete_message(message.sequence).await;
            // Or somebody else was quicker: then there is none next time.
            removed.map(drop).map_err(Trouble::later)
        })
        .await
    }

    async fn lending(&self) -> Result<jetstream::consumer::Info, Error> {
        self.patiently(async || {
            let tasks = self.stream(self.tasks()).await?;
            let info = tasks.consumer_info(&self.workers()).await;
            info.map_err(|error| match error.kind() {
                ConsumerInfoErrorKind::JetStream(error) => Trouble::of(&error),
                _ => Trouble::later(error),
            })
        })
        .await
    }

    /// The job knows us from now on, and we answer the roll call.
    async fn come_in(&mut self) -> Result<(), Error> {
        let here = self.subject('x', format!("w.{}", self.client.new_inbox()));
        self.publish(&[(here, Vec::new())]).await?;
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

    async fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Loan>, Error> {
        if !self.works {
            self.come_in().await?;
        }
        self.ask(wait, async |job, wait| {
            let loans = job.lend(max, wait).await?;
            let over = loans.is_empty() && job.is_over().await;
            Ok((loans, over))
        })
        .await
    }

    /// Asks until something comes, until it is over, or for as long as told.
    async fn ask<T>(
        &mut self,
        wait: Duration,
        mut question: impl AsyncFnMut(
            &mut Self,
            Duration,
        ) -> Result<(Vec<T>, bool), Trouble>,
    ) -> Result<Vec<T>, Error> {
        let end = Instant::now() + wait;
        loop {
            if self.stopped.load(Relaxed) {
                return Err(Error::Stopped);
            }
            let left = end.saturating_duration_since(Instant::now());
            let (got, over) = match question(self, left.min(ANSWER)).await {
                Ok(answer) => answer,
                // Nobody answers now; it may be otherwise next time.
                Err(trouble) => {
                    trouble.passes()?;
                    sleep(PAUSE.min(left)).await;
                    (Vec::new(), false)
                }
            };
            if over || !got.is_empty() || end <= Instant::now() {
                return Ok(got);
            }
        }
    }

    /// Whether the master has said so, as far as anybody answers.
    async fn is_over(&self) -> bool {
        let over = self.last(&self.subject('x', "over")).await;
        over.is_ok_and(|(_, found)| found.is_some())
    }

    /// What there is; if there is nothing, the first that comes.
    async fn lend(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Loan>, Trouble> {
        let lender = match self.lender.take() {
            Some(lender) => lender,
            None => {
                let tasks = self.stream(self.tasks()).await?;
                match tasks.get_consumer(&self.workers()).await {
                    Ok(lender) => lender,
                    Err(error) => return Err(self.lost(error).await),
                }
            }
        };
        let messages = fetch(&lender, max, wait, ANSWER).await?;
        self.lender = Some(lender);
        messages.into_iter().map(|message| self.hold(message)).collect()
    }

    fn hold(&mut self, message: Message) -> Result<Loan, Trouble> {
        let info = message.info().map_err(Trouble::never)?;
        let (lent, tried) = (info.consumer_sequence, info.delivered as u32);
        let id = number(&message.subject).ok_or_else(|| {
            Trouble::never(format!("{} is no task", message.subject))
        })?;
        let body = read(&message.payload)?;
        self.held.insert(id, (lent, message));
        Ok(Loan { task: Task { id, body }, number: lent, tried })
    }

    /// The message of a loan, if this handle still holds it.
    fn holds(&self, loan: &Loan) -> Option<&Message> {
        let (number, message) = self.held.get(&loan.task.id)?;
        (*number == loan.number).then_some(message)
    }

    async fn renew(&self, held: &[Loan]) -> Result<(), Error> {
        let ours = held.iter().filter_map(|loan| self.holds(loan));
        self.told(ours.map(|it| it.ack_with(AckKind::Progress))).await
    }

    async fn give_back(&mut self, held: &[Loan]) -> Result<(), Error> {
        let ours = held.iter().filter_map(|loan| {
            self.holds(loan)?;
            self.held.remove(&loan.task.id)
        });
        let ours: Vec<_> = ours.collect();
        let told = ours.iter().map(|(_, it)| it.ack_with(AckKind::Nak(None)));
        self.told(told).await
    }

    /// Waits until the server has heard all of it. While there is no
    /// connection, that alone would have no end.
    async fn told(
        &self,
        told: impl Iterator<
            Item = impl Future<Output = Result<(), async_nats::Error>>,
        >,
    ) -> Result<(), Error> {
        let all = async {
            for told in join_all(told).await {
                told.map_err(gone)?;
            }
            self.client.flush().await.map_err(gone)
        };
        let all = timeout(PATIENCE, all).await;
        all.map_err(|_| gone("no queue: no server answers"))?
    }

    /// Stores results, and then settles their tasks. The server has heard of
    /// both when this returns.
    async fn finish(&mut self, done: &[Done]) -> Result<(), Error> {
        if let Some(last) = self.store(done).await? {
            let _ = timeout(ANSWER, last.double_ack()).await;
        }
        Ok(())
    }

    /// The last task is settled while the next ones are on their way.
    async fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Loan>, Error> {
        if let Some(last) = self.store(done).await? {
            let _ = timeout(ANSWER, last.ack()).await;
        }
        self.take(max, wait).await
    }

    // ANCHOR: store
    /// Stores results and settles their tasks, but for the last one.
    async fn store(&mut self, done: &[Done]) -> Result<Option<Message>, Error> {
        let results = done.iter().map(|Done { task, result }| {
            (self.subject('r', task), payload(result))
        });
        let results: Vec<_> = results.collect();
        let fresh = self.publish(&results).await?;
        let late = done.iter().zip(fresh).filter(|(_, fresh)| !fresh);
        let late = late.map(|(Done { task, .. }, _)| {
            let inbox = self.client.new_inbox();
            (self.subject('x', format!("d.{task}.{inbox}")), Vec::new())
        });
        self.publish(&late.collect::<Vec<_>>()).await?;
        // Should this fail, somebody does a task again, and for nothing.
        let mut held = Vec::with_capacity(done.len());
        for Done { task, .. } in done {
            match self.held.remove(task) {
                Some((_, message)) => held.push(message),
                // Whoever has it need not do it.
                None => {
                    self.remove_one(&self.subject('t', task)).await?;
                }
            }
        }
        let last = held.pop();
        let settled = join_all(held.iter().map(Message::ack));
        let _ = timeout(ANSWER, settled).await;
        Ok(last)
    }
    // ANCHOR_END: store

    async fn collect(&mut self, wait: Duration) -> Result<Vec<Done>, Error> {
        self.ask(wait, async |job, wait| {
            job.read(wait).await.map(|done| (done, false))
        })
        .await
    }

    async fn read(&mut self, wait: Duration) -> Result<Vec<Done>, Trouble> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => {
                let reader = timeout(SILENCE, self.reader_from(self.read + 1));
                reader.await.map_err(Trouble::later)??
            }
        };
        let wait = wait.min(SILENCE);
        let messages = fetch(&reader.consumer, READ, wait, SILENCE).await?;
        let mut done = Vec::new();
        for message in messages {
            let info = message.info().map_err(Trouble::later)?;
            if info.consumer_sequence != reader.next {
                // Some were lost on their way: a new reader starts there.
                return Ok(done);
            }
            reader.next += 1;
            self.read = info.stream_sequence;
            let task = number(&message.subject).unwrap_or_default();
            let result = read(&message.payload)?;
            done.push(Done { task, result });
        }
        self.reader = Some(reader);
        Ok(done)
    }

    async fn reader_from(&self, start: u64) -> Result<Reader, Trouble> {
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: start,
            },
            ack_policy: AckPolicy::None,
            filter_subject: self.subject('r', '*'),
            inactive_threshold: Duration::from_secs(60),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let results = match self.engine.get_stream(self.results()).await {
            Ok(results) => results,
            Err(error) => return Err(self.lost(error).await),
        };
        if life(&results.cached_info().config) != self.life {
            return Err(self.cleared());
        }
        let consumer = results.create_consumer(config).await;
        let consumer = consumer.map_err(Trouble::later)?;
        Ok(Reader { consumer, next: 1 })
    }

    async fn status(&self) -> Result<Status, Error> {
        let lender = self.lending().await?;
        let (waiting, out) = (lender.num_pending, lender.num_ack_pending);
        let waiting = waiting as usize;
        if self.works {
            // There may be many workers, and the rest is not for nothing.
            let over = self.is_over().await;
            return Ok(Status { waiting, out, over, ..Status::default() });
        }
        let events = self.subject('x', '>');
        let (state, names) = self
            .patiently(async || {
                let results = self.stream(self.results()).await?;
                let found = results.info_with_subjects(&events).await;
                let found = found.map_err(Trouble::later)?;
                let state = found.info.state.clone();
                let names: Vec<_> =
                    found.try_collect().await.map_err(Trouble::later)?;
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
        let delivered = &lender.delivered;
        Ok(Status {
            waiting,
            out,
            // An event may have come after the messages were counted.
            done: (state.messages as usize).saturating_sub(names.len()),
            again: delivered
                .consumer_sequence
                .saturating_sub(delivered.stream_sequence)
                as usize,
            dropped: count("d."),
            workers: self.roll_call().await?,
            seen: count("w."),
            busy,
            over: count("over") > 0,
        })
    }

    /// How many workers answer. A worker does not ask: there may be many.
    async fn roll_call(&self) -> Result<usize, Error> {
        let inbox = self.client.new_inbox();
        let answers = self.client.subscribe(inbox.clone()).await;
        let answers = answers.map_err(gone)?;
        let call =
            self.client.publish_with_reply(self.roll(), inbox, "".into());
        call.await.map_err(gone)?;
        let here = answers.filter(|it| {
            std::future::ready(it.status.is_none()) // Else nobody is.
        });
        let here = here.take_until(sleep(ROLL_CALL));
        Ok(here.count().await)
    }

    async fn close(&self) -> Result<(), Error> {
        let over = self.subject('x', "over");
        self.publish(&[(over, Vec::new())]).await.map(drop)
    }

    /// The tasks go last: until then `open` finds what is left.
    async fn remove(&self) -> Result<(), Error> {
        for stream in [self.results(), self.tasks()] {
            self.patiently(async || {
                let removed = self.engine.delete_stream(&stream).await;
                match removed {
                    Err(error) if !is_missing(&error) => {
                        Err(Trouble::of_stream(&error))
                    }
                    _ => Ok(()),
                }
            })
            .await?;
        }
        Ok(())
    }

    /// The job ends, and begins a new life.
    async fn clear(&mut self) -> Result<(), Error> {
        let lease = self.lending().await?.config.ack_wait;
        let replicas = self
            .patiently(async || {
                let tasks = self.engine.get_stream(self.tasks()).await;
                let tasks =
                    tasks.map_err(|error| Trouble::of_stream(&error))?;
                Ok(tasks.cached_info().config.num_replicas)
            })
            .await?;
        self.remove().await?;
        self.held.clear();
        (self.lender, self.reader, self.read) = (None, None, 0);
        self.works = false;
        self.create(JobSettings { lease, replicas }).await
    }
}

/// The life of the job that a stream is of: the second part of its subjects.
fn life(stream: &stream::Config) -> String {
    let subject = stream.subjects.first().map_or("", |it| it);
    subject.split('.').nth(1).unwrap_or_default().into()
}

/// At most `max` messages; when there is none, the first that comes. Beyond
/// that it may take as long as an `answer`.
async fn fetch(
    consumer: &PullConsumer,
    max: usize,
    wait: Duration,
    answer: Duration,
) -> Result<Vec<Message>, Trouble> {
    let all = async |messages: pull::Batch| {
        let all = messages.try_collect::<Vec<_>>();
        all.await.map_err(Trouble::later)
    };
    let now = consumer.fetch().max_messages(max).messages().await;
    let now = all(now.map_err(Trouble::later)?);
    let now = timeout(answer, now).await.map_err(Trouble::later)??;
    if !now.is_empty() || wait.is_zero() {
        return Ok(now);
    }
    let next = consumer.batch().max_messages(1).expires(wait);
    let next = next.messages().await.map_err(Trouble::later)?;
    timeout(wait + answer, all(next)).await.map_err(Trouble::later)?
}

fn gone(error: impl fmt::Display) -> Error {
    Error::Gone(error.to_string())
}

/// The number at the end of a subject.
fn number(subject: &str) -> Option<u64> {
    subject.rsplit('.').next()?.parse().ok()
}

fn read(payload: &[u8]) -> Result<Value, Trouble> {
    let value = pickle::read(payload, &Limits::default());
    value.map_err(|error| Trouble::never(format!("no pickle: {error}")))
}

impl Farm for Nats {
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error> {
        self.runtime.block_on(self.job.put(tasks))
    }

    fn take(&mut self, max: usize, wait: Duration) -> Result<Vec<Loan>, Error> {
        self.runtime.block_on(self.job.take(max, wait))
    }

    fn renew(&mut self, held: &[Loan]) -> Result<(), Error> {
        self.runtime.block_on(self.job.renew(held))
    }

    fn finish(&mut self, done: &[Done]) -> Result<(), Error> {
        self.runtime.block_on(self.job.finish(done))
    }

    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Loan>, Error> {
        self.runtime.block_on(self.job.exchange(done, max, wait))
    }

    fn give_back(&mut self, held: &[Loan]) -> Result<(), Error> {
        self.runtime.block_on(self.job.give_back(held))
    }

    fn collect(&mut self, wait: Duration) -> Result<Vec<Done>, Error> {
        self.runtime.block_on(self.job.collect(wait))
    }

    fn status(&mut self) -> Result<Status, Error> {
        self.runtime.block_on(self.job.status())
    }

    fn close(&mut self) -> Result<(), Error> {
        self.runtime.block_on(self.job.close())
    }

    fn clear(&mut self) -> Result<(), Error> {
        self.runtime.block_on(self.job.clear())
    }
}

fn payload(value: &Value) -> Vec<u8> {
    let payload = pickle::write(value, &Limits::default());
    payload.expect("what was read, or put in, is not too large")
}
