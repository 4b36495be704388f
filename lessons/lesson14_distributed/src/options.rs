//! What a master and a worker are told on their command lines.

use std::env::{self, VarError};
use std::error::Error;
use std::fmt;
use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};
use pymanagers::Value;
use shared::MissingDependency;
use task_farm::KNOWS_NATS;

/// The environment variable that may hold the key.
pub const KEY_VARIABLE: &str = "LESSON_AUTHKEY";

pub const MASTER: &str = "\
--listen ADDR         where workers find it (127.0.0.1:5000)
--authkey KEY         what they must know; `ps` shows it to everybody
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY
--tasks N             how many tasks (10)
--seed N              the same tasks each time
--lease SECONDS       a task is given out again after so long (60); 0: never
--tries N             a task is given up after so many deliveries (5)
--quiet               no line for each task
--queue nats://USER@HOST:PORT,...  the queues live there, not in the master
--job NAME            there may be many on one server; with --queue
--replicas N          on how many servers everything is kept (1)";

pub const WORKER: &str = "\
--connect ADDR        where the master is (127.0.0.1:5000)
--authkey KEY         what the master knows; `ps` shows it to everybody
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY
--delay SECONDS       how long a task takes (1)
--retry               wait for a master that is not there, or has gone
--name NAME           what it calls itself (worker)
--batch N             how many tasks it takes at once (1)
--stop-at VALUE       a task that tells the worker to end, such as None
--quiet               no line for each task
--queue nats://USER@HOST:PORT,...  where the queues are, if not in the master
--job NAME            the master's; with --queue";

pub const JOB: &str = "\
--queue nats://USER@HOST:PORT,...  where the queues are
--job NAME            which of the jobs there
--authkey KEY         the user's key; `ps` shows it to everybody
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY";

pub struct Master {
    pub listen: String,
    pub key: Vec<u8>,
    pub tasks: u64,
    pub seed: Option<u64>,
    pub lease: Duration,
    pub tries: u32,
    pub quiet: bool,
    pub queue: Option<Job>,
    pub replicas: usize,
}

pub struct Worker {
    pub url: String,
    /// How lines name the server, and what kind it is.
    pub server: String,
    pub kind: &'static str,
    pub key: Vec<u8>,
    pub delay: f64,
    pub retry: bool,
    pub name: String,
    pub batch: usize,
    pub stop_at: Vec<Value>,
    pub quiet: bool,
}

/// A job whose queues live neither in the master nor in the worker.
pub struct Job {
    pub url: String,
    pub name: String,
    pub key: Vec<u8>,
}

/// Without the user and the key.
impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = self.url.strip_suffix(&format!("/{}", self.name));
        let servers = servers.unwrap_or(&self.url);
        let hosts = servers.trim_start_matches("nats://");
        let hosts = hosts.rsplit('@').next().unwrap_or_default();
        write!(f, "nats://{hosts}, job {}", self.name)
    }
}

/// It becomes part of the names of folders and files.
const LONGEST_NAME: usize = 200;

/// A key with fewer bytes can be guessed.
const SHORT_KEY: usize = 16;

/// Where the documents' master is, but for this machine only.
const ADDRESS: &str = "127.0.0.1:5000";

impl Master {
    /// That of the demo: on any port of this machine.
    pub fn demo(key: &str) -> Self {
        Self {
            listen: "127.0.0.1:0".into(),
            key: key.into(),
            tasks: 10,
            seed: None,
            lease: Duration::from_secs(60),
            tries: 5,
            quiet: false,
            queue: None,
            replicas: 1,
        }
    }

    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut it = Self { listen: ADDRESS.into(), ..Self::demo("") };
        let (mut replicas, mut common) = (None, Common::default());
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("listen") => it.listen = text(&mut parser)?,
                Arg::Long("tasks") => it.tasks = parser.value()?.parse()?,
                Arg::Long("seed") => it.seed = Some(parser.value()?.parse()?),
                Arg::Long("lease") => {
                    it.lease = Duration::from_secs_f64(seconds(&mut parser)?);
                }
                Arg::Long("tries") => it.tries = positive(&mut parser)?,
                Arg::Long("quiet") => it.quiet = true,
                Arg::Long("replicas") => {
                    replicas = Some(servers(&mut parser)?);
                }
                Arg::Long(name) if Common::has(name) => {
                    let name = name.to_string();
                    common.read(&name, &mut parser)?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let in_master = common.queue.is_none();
        if in_master && replicas.is_some() {
            return Err(wrong("--replicas goes with --queue").into());
        }
        it.replicas = replicas.unwrap_or(1);
        (it.queue, it.key) = common.finish()?;
        if it.queue.is_some() && it.lease.is_zero() {
            let why = "--lease 0: with --queue, it must leave time for a task";
            return Err(wrong(why).into());
        }
        match &it.queue {
            Some(_) => check_engine()?,
            None => check_key(&it.listen, &it.key)?,
        }
        Ok(it)
    }
}

/// A server takes no empty key, and tells of one that can be guessed.
fn check_key(listen: &str, key: &[u8]) -> Result<(), String> {
    let is_wider = |found: &SocketAddr| !found.ip().is_loopback();
    let wider = resolve(listen)?.iter().any(is_wider);
    if key.is_empty() {
        let who = if wider { "other machines" } else { "other programs" };
        return Err(format!(
            "{listen} is open to {who}: it needs a key (--authkey, \
             --authkey-file or {KEY_VARIABLE})"
        ));
    }
    if wider && key.len() < SHORT_KEY {
        eprintln!(
            "master: warning: {listen} is open to other machines, and a key \
             of {} bytes can be guessed: whoever does gets the tasks",
            key.len()
        );
    }
    Ok(())
}

impl Worker {
    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let (mut connect, mut common) = (ADDRESS.into(), Common::default());
        let mut it = Self {
            url: String::new(),
            server: String::new(),
            kind: "master",
            key: Vec::new(),
            delay: 1.0,
            retry: false,
            name: "worker".into(),
            batch: 1,
            stop_at: Vec::new(),
            quiet: false,
        };
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("connect") => connect = text(&mut parser)?,
                Arg::Long("delay") => it.delay = seconds(&mut parser)?,
                Arg::Long("retry") => it.retry = true,
                Arg::Long("name") => it.name = text(&mut parser)?,
                Arg::Long("batch") => it.batch = parser.value()?.parse()?,
                Arg::Long("stop-at") => {
                    it.stop_at.push(value(&text(&mut parser)?));
                }
                Arg::Long("quiet") => it.quiet = true,
                Arg::Long(name) if Common::has(name) => {
                    let name = name.to_string();
                    common.read(&name, &mut parser)?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let queue;
        (queue, it.key) = common.finish()?;
        (it.url, it.server) = match queue {
            Some(job) => {
                check_engine()?;
                it.kind = "queue";
                (job.url.clone(), job.to_string())
            }
            None => (format!("tcp://{connect}"), connect),
        };
        Ok(it)
    }
}

impl Job {
    /// For commands that ask a queue, and nothing else.
    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut common = Common::default();
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long(name) if Common::has(name) => {
                    let name = name.to_string();
                    common.read(&name, &mut parser)?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let (job, _) = common.finish()?;
        let job = job.ok_or(wrong("which one? Say --queue and --job"))?;
        check_engine()?;
        Ok(job)
    }
}

/// What several commands have in common.
#[derive(Default)]
struct Common {
    queue: Option<String>,
    job: Option<String>,
    key: Option<Vec<u8>>,
}

impl Common {
    fn has(name: &str) -> bool {
        ["queue", "job", "authkey", "authkey-file"].contains(&name)
    }

    fn read(
        &mut self,
        name: &str,
        parser: &mut Parser,
    ) -> Result<(), Box<dyn Error>> {
        let value = text(parser)?;
        match name {
            "queue" => self.queue = Some(value),
            "job" => self.job = Some(value),
            "authkey" => self.key = Some(value.into()),
            _ => self.key = Some(read_key(&value)?),
        }
        Ok(())
    }

    /// The job on an engine, if it is one, and the key.
    fn finish(self) -> Result<(Option<Job>, Vec<u8>), Box<dyn Error>> {
        let Self { queue, job, key } = self;
        let key = match key {
            Some(key) => key,
            None => key_of_variable()?,
        };
        let (queue, name) = match (queue, job) {
            (None, None) => return Ok((None, key)),
            (Some(_), None) => {
                Err(wrong("--queue needs the job's name: --job"))
            }
            (None, Some(_)) => Err(wrong("--job goes with --queue")),
            (Some(queue), Some(_)) if !queue.starts_with("nats://") => {
                // Without what may be a key.
                let shown = queue.rsplit('@').next().unwrap_or_default();
                let what = "is not like nats://user@host:4222";
                Err(wrong(&format!("{shown} {what}")))
            }
            (Some(_), Some(job)) if job.len() > LONGEST_NAME => {
                let most = format!("{LONGEST_NAME} letters at the most");
                Err(wrong(&format!("--job: a job's name has {most}")))
            }
            (Some(queue), Some(job)) => Ok((queue, job)),
        }?;
        let url = format!("{}/{name}", queue.trim_end_matches('/'));
        Ok((Some(Job { url, name, key: key.clone() }), key))
    }
}

fn check_engine() -> Result<(), MissingDependency> {
    match KNOWS_NATS {
        true => Ok(()),
        false => Err(MissingDependency(
            "this build knows no NATS; run it with `cargo run -p \
             lesson14_distributed --features nats -- ...`"
                .into(),
        )),
    }
}

/// The command line itself is wrong: status 2.
fn wrong(why: &str) -> lexopt::Error {
    why.into()
}

fn text(parser: &mut Parser) -> Result<String, lexopt::Error> {
    parser.value()?.string()
}

/// As Python would write it; anything else is a text.
fn value(text: &str) -> Value {
    let unquoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    match text {
        "None" => Value::None,
        _ => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => {
                let text = unquoted('\'').or(unquoted('"')).unwrap_or(text);
                text.into()
            }
        },
    }
}

/// CPython's default key is 32 random bytes, and no text.
fn read_key(file: &str) -> Result<Vec<u8>, String> {
    let key = fs::read(file);
    let mut key = key.map_err(|error| format!("{file}: {error}"))?;
    while key.ends_with(b"\n") || key.ends_with(b"\r") {
        key.pop();
    }
    Ok(key)
}

fn key_of_variable() -> Result<Vec<u8>, String> {
    match env::var(KEY_VARIABLE) {
        Ok(key) => Ok(key.into()),
        Err(VarError::NotPresent) => Ok(Vec::new()),
        Err(error) => Err(format!("{KEY_VARIABLE}: {error}")),
    }
}

fn seconds(parser: &mut Parser) -> Result<f64, lexopt::Error> {
    let is_time = |seconds: &f64| (0.0..=1e9).contains(seconds);
    parser.value()?.parse_with(|text| match text.parse() {
        Ok(seconds) if is_time(&seconds) => Ok(seconds),
        _ => Err("not a number of seconds"),
    })
}

fn positive(parser: &mut Parser) -> Result<u32, lexopt::Error> {
    parser.value()?.parse_with(|text| match text.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err("not a number, one at the least"),
    })
}

fn servers(parser: &mut Parser) -> Result<usize, lexopt::Error> {
    parser.value()?.parse_with(|text| match text.parse() {
        Ok(servers @ 1..=5) => Ok(servers),
        _ => Err("not a number of servers from 1 to 5"),
    })
}

/// All that a name stands for, and at least one.
fn resolve(address: &str) -> Result<Vec<SocketAddr>, String> {
    let found = address.to_socket_addrs();
    let found = found.map_err(|error| format!("{address}: {error}"))?;
    let found: Vec<_> = found.collect();
    match found.is_empty() {
        true => Err(format!("{address}: no such address")),
        false => Ok(found),
    }
}
