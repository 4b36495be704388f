//! What a master and a worker are told on their command lines.

use std::env::{self, VarError};
use std::error::Error;
use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};
use pymanagers::Key;

/// The environment variable that may hold the key.
pub const KEY_VARIABLE: &str = "LESSON_AUTHKEY";

pub const MASTER: &str = "\
--listen ADDR         where workers find it (127.0.0.1:5000)
--authkey KEY         what they must know; `ps` shows it to everybody
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY
--tasks N             how many tasks (10)
--seed N              the same tasks each time
--lease SECONDS       a task is given out again after so long (60)
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
--quiet               no line for each task
--queue nats://USER@HOST:PORT,...  where the queues are, if not in the master
--job NAME            the master's; with --queue";

pub const JOB: &str = "\
--queue nats://USER@HOST:PORT,...  where the queues are
--job NAME            which of the jobs there
--authkey KEY         the user's key; `ps` shows it to everybody
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY";

pub const CLUSTER: &str = "\
--tasks N             how many tasks (40)";

pub const SIMULATION: &str = "\
--workers N           how many threads work (1000)
--tasks N             how many tasks they have (10000)";

pub struct Master {
    pub listen: String,
    pub key: Key,
    pub tasks: u64,
    pub seed: Option<u64>,
    pub lease: Duration,
    pub quiet: bool,
    pub queue: Option<Queue>,
    #[cfg_attr(not(feature = "nats"), expect(dead_code, reason = "no engine"))]
    pub replicas: usize,
}

pub struct Worker {
    pub connect: String,
    pub key: Key,
    pub delay: f64,
    pub retry: bool,
    pub name: String,
    pub batch: usize,
    pub quiet: bool,
    pub queue: Option<Queue>,
}

/// Queues that live neither in the master nor in the worker.
#[cfg_attr(not(feature = "nats"), expect(dead_code, reason = "no engine"))]
pub struct Queue {
    pub address: String,
    pub job: String,
    pub key: String,
}

/// It becomes part of the names of folders and files.
const LONGEST_NAME: usize = 200;

/// Where the documents' master is, but for this machine only.
const ADDRESS: &str = "127.0.0.1:5000";

impl Master {
    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut listen = ADDRESS.to_string();
        let (mut key, mut tasks, mut seed) = (None, 10, None);
        let (mut lease, mut quiet) = (60.0, false);
        let (mut address, mut job, mut replicas) = (None, None, None);
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("listen") => listen = text(&mut parser)?,
                Arg::Long("tasks") => tasks = parser.value()?.parse()?,
                Arg::Long("seed") => seed = Some(parser.value()?.parse()?),
                Arg::Long("lease") => lease = seconds(&mut parser)?,
                Arg::Long("quiet") => quiet = true,
                Arg::Long("queue") => address = Some(text(&mut parser)?),
                Arg::Long("job") => job = Some(text(&mut parser)?),
                Arg::Long("replicas") => {
                    replicas = Some(servers(&mut parser)?);
                }
                Arg::Long("authkey") => key = Some(text(&mut parser)?),
                Arg::Long("authkey-file") => {
                    key = Some(read_key(&text(&mut parser)?)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let text = key_or_variable(key)?;
        let key = Key::from(text.as_str());
        let queue = Queue::new(address, job, text)?;
        if queue.is_none() && replicas.is_some() {
            return Err(wrong("--replicas goes with --queue").into());
        }
        let replicas = replicas.unwrap_or(1);
        let lease = Duration::from_secs_f64(lease);
        if queue.is_some() && lease.is_zero() {
            let why = "--lease 0: with --queue, it must leave time for a task";
            return Err(wrong(why).into());
        }
        let is_wider = |found: &SocketAddr| !found.ip().is_loopback();
        if key.is_empty() && resolve(&listen)?.iter().any(is_wider) {
            return Err(format!(
                "{listen} is open to other machines: it needs a key \
                 (--authkey, --authkey-file or {KEY_VARIABLE})"
            )
            .into());
        }
        Ok(Self { listen, key, tasks, seed, lease, quiet, queue, replicas })
    }
}

impl Worker {
    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let (mut connect, mut name) = (ADDRESS.to_string(), "worker".into());
        let (mut key, mut delay, mut batch) = (None, 1.0, 1);
        let (mut retry, mut quiet) = (false, false);
        let (mut address, mut job) = (None, None);
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("connect") => connect = text(&mut parser)?,
                Arg::Long("delay") => delay = seconds(&mut parser)?,
                Arg::Long("retry") => retry = true,
                Arg::Long("name") => name = text(&mut parser)?,
                Arg::Long("batch") => batch = parser.value()?.parse()?,
                Arg::Long("quiet") => quiet = true,
                Arg::Long("queue") => address = Some(text(&mut parser)?),
                Arg::Long("job") => job = Some(text(&mut parser)?),
                Arg::Long("authkey") => key = Some(text(&mut parser)?),
                Arg::Long("authkey-file") => {
                    key = Some(read_key(&text(&mut parser)?)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let text = key_or_variable(key)?;
        let key = Key::from(text.as_str());
        let queue = Queue::new(address, job, text)?;
        if queue.is_none() {
            resolve(&connect)?;
        }
        let batch = usize::max(batch, 1);
        Ok(Self { connect, key, delay, retry, name, batch, quiet, queue })
    }
}

impl Queue {
    /// For commands that ask a queue, and nothing else.
    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let (mut address, mut job, mut key) = (None, None, None);
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("queue") => address = Some(text(&mut parser)?),
                Arg::Long("job") => job = Some(text(&mut parser)?),
                Arg::Long("authkey") => key = Some(text(&mut parser)?),
                Arg::Long("authkey-file") => {
                    key = Some(read_key(&text(&mut parser)?)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let queue = Self::new(address, job, key_or_variable(key)?)?;
        Ok(queue.ok_or(wrong("which one? Say --queue and --job"))?)
    }

    fn new(
        address: Option<String>,
        job: Option<String>,
        key: String,
    ) -> Result<Option<Self>, lexopt::Error> {
        match (address, job) {
            (Some(address), _) if !address.starts_with("nats://") => {
                // Without what may be a key.
                let shown = address.rsplit('@').next().unwrap_or_default();
                let what = "is not like nats://user@host:4222";
                Err(wrong(&format!("{shown} {what}")))
            }
            (Some(_), Some(job)) if job.len() > LONGEST_NAME => {
                let most = format!("{LONGEST_NAME} letters at the most");
                Err(wrong(&format!("--job: a job's name has {most}")))
            }
            (Some(address), Some(job)) => Ok(Some(Self { address, job, key })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(wrong("--queue needs the job's name: --job"))
            }
            (None, Some(_)) => Err(wrong("--job goes with --queue")),
        }
    }
}

/// The command line itself is wrong: status 2.
fn wrong(why: &str) -> lexopt::Error {
    why.into()
}

fn text(parser: &mut Parser) -> Result<String, lexopt::Error> {
    parser.value()?.string()
}

fn read_key(file: &str) -> Result<String, String> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|error| format!("{file}: {error}"))?;
    Ok(text.trim_end_matches(['\r', '\n']).into())
}

fn key_or_variable(key: Option<String>) -> Result<String, String> {
    match (key, env::var(KEY_VARIABLE)) {
        (Some(key), _) | (None, Ok(key)) => Ok(key),
        (None, Err(VarError::NotPresent)) => Ok(String::new()),
        (None, Err(error)) => Err(format!("{KEY_VARIABLE}: {error}")),
    }
}

fn seconds(parser: &mut Parser) -> Result<f64, lexopt::Error> {
    let is_time = |seconds: &f64| (0.0..=1e9).contains(seconds);
    parser.value()?.parse_with(|text| match text.parse() {
        Ok(seconds) if is_time(&seconds) => Ok(seconds),
        _ => Err("not a number of seconds"),
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
