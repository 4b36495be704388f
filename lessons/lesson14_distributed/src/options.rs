//! The command lines of a master and a worker.

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::fs;
use std::ops::RangeInclusive;
use std::str::FromStr;

use lexopt::{Arg, Parser, ValueExt};
use pymanagers::Value;
use shared::MissingDependency;
use task_farm::KNOWS_NATS;

/// The environment variable that may hold the key.
pub const KEY_VARIABLE: &str = "LESSON_AUTHKEY";

/// Where the Python tutorials' master is, but for this machine only.
pub const ADDRESS: &str = "127.0.0.1:5000";

pub const MASTER: &str = "\
--listen ADDR         where workers find it (127.0.0.1:5000)
--authkey KEY         what they must know; `ps` shows it to all users
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY
--tasks N             how many tasks (10)
--seed N              the same tasks each time
--lease SECONDS       a task is given out again after so long (60); 0: never
--tries N             a task is given up after so many failed deliveries (5)
--quiet               no line for each task
--queue nats://USER@HOST:PORT,...  the queues live there, not in the master
--job NAME            there may be many on one server; with --queue
--replicas N          on how many servers everything is kept (1)";

pub const WORKER: &str = "\
--connect ADDR        where the master is (127.0.0.1:5000)
--authkey KEY         what the master knows; `ps` shows it to all users
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
--authkey KEY         the user's key; `ps` shows it to all users
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY";

/// The options of a command, and their values.
pub struct Options(Vec<(String, String)>);

/// A job whose queues live on an engine: in neither master nor worker.
pub struct Job {
    pub url: String,
    /// For lines of output: it holds no key.
    pub place: String,
}

impl Options {
    /// Reads the options that the help of a command names.
    pub fn read(help: &str, args: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut options = Self(Vec::new());
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            let (name, value) = match arg {
                Arg::Long(name) if let Some(value) = find(help, name) => {
                    (name.to_string(), value)
                }
                other => return Err(other.unexpected().into()),
            };
            let value = value.then(|| parser.value()?.string()).transpose()?;
            options.0.push((name, value.unwrap_or_default()));
        }
        Ok(options)
    }

    /// The values of an option that may be there several times.
    pub fn all(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        let values = self.0.iter().filter(move |(option, _)| option == name);
        values.map(|(_, value)| value.as_str())
    }

    /// The last value.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next_back()
    }

    pub fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    pub fn number<T: FromStr + PartialOrd + Display>(
        &self,
        name: &str,
        default: T,
        range: RangeInclusive<T>,
    ) -> Result<T, lexopt::Error> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let number = text.parse().ok().filter(|it| range.contains(it));
        let (first, last) = range.into_inner();
        let what = format!("not a number from {first} to {last}");
        number.ok_or_else(|| format!("--{name} {text}: {what}").into())
    }

    /// The key of the command line, or else of the environment.
    pub fn key(&self) -> Result<Vec<u8>, String> {
        let mut options = self.0.iter().rev();
        match options.find(|(name, _)| name.starts_with("authkey")) {
            Some((name, key)) if name == "authkey" => Ok(key.as_str().into()),
            Some((_, file)) => read_key(file),
            None => {
                let key = env::var_os(KEY_VARIABLE);
                Ok(key.unwrap_or_default().into_encoded_bytes())
            }
        }
    }

    /// The job on an engine, if it is on one.
    pub fn job(&self) -> Result<Option<Job>, Box<dyn Error>> {
        let wrong = |why: &str| Err(lexopt::Error::from(why).into());
        let (queue, name) = match (self.text("queue"), self.text("job")) {
            (None, None) if self.has("replicas") => {
                return wrong("--replicas goes with --queue");
            }
            (None, None) => return Ok(None),
            (None, _) => return wrong("--job goes with --queue"),
            (_, None) => return wrong("--queue needs the job's --job NAME"),
            (Some(queue), Some(name)) => (queue, name),
        };
        let (servers, files) = queue.split_once('?').unwrap_or((queue, ""));
        let servers = servers.trim_end_matches('/');
        let (scheme, hosts) = servers.split_once("://").unwrap_or_default();
        let hosts = hosts.rsplit('@').next().unwrap_or_default();
        if !["nats", "tls"].contains(&scheme) {
            let hosts = servers.rsplit('@').next().unwrap_or_default();
            let why = format!("{hosts} is not like nats://user@host:4222");
            return wrong(&why);
        }
        if name.len() > 200 {
            return wrong("--job: a name has 200 letters at the most");
        }
        if self.number("lease", 60.0, TIME)? == 0.0 {
            let why = "--lease 0: with --queue, it must leave time for a task";
            return wrong(why);
        }
        if !KNOWS_NATS {
            let command = "cargo run -p lesson14_distributed --features nats";
            let why = "this build knows no NATS; run it with";
            let why = format!("{why} `{command} -- ...`");
            return Err(MissingDependency(why).into());
        }
        let place = format!("{scheme}://{hosts}, job {name}");
        let url = format!("{servers}/{name}?{files}");
        Ok(Some(Job { url, place }))
    }
}

/// Seconds.
pub const TIME: RangeInclusive<f64> = 0.0..=1e9;

/// Whether the option has a value, if a line of the help begins with it.
fn find(help: &str, name: &str) -> Option<bool> {
    let mut lines = help.lines().filter_map(|line| line.strip_prefix("--"));
    let rest = lines.find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
    rest.map(|rest| !rest.starts_with(' '))
}

/// As Python would write it; anything else is a text.
pub fn value(text: &str) -> Value {
    let unquoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    match text.parse::<i64>() {
        Ok(number) => number.into(),
        Err(_) if text == "None" => Value::None,
        Err(_) => unquoted('\'').or(unquoted('"')).unwrap_or(text).into(),
    }
}

/// The end of a line is no part of a key that is a text. CPython's default key
/// is none: 32 random bytes, and the last one may be anything.
fn read_key(file: &str) -> Result<Vec<u8>, String> {
    let key = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    Ok(match str::from_utf8(&key) {
        Ok(text) => text.trim_end_matches(['\n', '\r']).into(),
        Err(_) => key,
    })
}
