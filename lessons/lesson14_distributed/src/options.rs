//! What a master and a worker are told on their command lines.

use std::env::{self, VarError};
use std::error::Error;
use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use lesson14_distributed::managers::Key;
use lexopt::{Arg, Parser, ValueExt};

/// The environment variable that may hold the key.
pub const KEY_VARIABLE: &str = "LESSON_AUTHKEY";

pub const MASTER: &str = "\
--listen ADDR         where workers find it (127.0.0.1:5000)
--authkey KEY         what they must know; `ps` shows it to everybody
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY
--tasks N             how many tasks (10)
--seed N              the same tasks each time
--limit SECONDS       a task is given out again after so long (60)
--quiet               no line for each task";

pub const WORKER: &str = "\
--connect ADDR        where the master is (127.0.0.1:5000)
--authkey KEY         what the master knows; `ps` shows it to everybody
--authkey-file FILE   the same from a file; else from LESSON_AUTHKEY
--delay SECONDS       how long a task takes (1)
--retry               wait for a master that is not there, or has gone
--name NAME           what it calls itself (worker)
--quiet               no line for each task";

pub struct Master {
    pub listen: String,
    pub key: Key,
    pub tasks: u64,
    pub seed: Option<u64>,
    pub limit: Duration,
    pub quiet: bool,
}

pub struct Worker {
    pub connect: String,
    pub key: Key,
    pub delay: f64,
    pub retry: bool,
    pub name: String,
    pub quiet: bool,
}

/// Where the documents' master is, but for this machine only.
const ADDRESS: &str = "127.0.0.1:5000";

impl Master {
    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut listen = ADDRESS.to_string();
        let (mut key, mut tasks, mut seed) = (None, 10, None);
        let (mut limit, mut quiet) = (60.0, false);
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("listen") => listen = parser.value()?.string()?,
                Arg::Long("tasks") => tasks = parser.value()?.parse()?,
                Arg::Long("seed") => seed = Some(parser.value()?.parse()?),
                Arg::Long("limit") => limit = seconds(&mut parser)?,
                Arg::Long("quiet") => quiet = true,
                Arg::Long("authkey") => key = Some(parser.value()?.string()?),
                Arg::Long("authkey-file") => {
                    key = Some(read_key(&parser.value()?.string()?)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let key = key_or_variable(key)?;
        let limit = Duration::from_secs_f64(limit);
        let is_wider = |found: &SocketAddr| !found.ip().is_loopback();
        if key.is_empty() && resolve(&listen)?.iter().any(is_wider) {
            return Err(format!(
                "{listen} is open to other machines: it needs a key \
                 (--authkey, --authkey-file or {KEY_VARIABLE})"
            )
            .into());
        }
        Ok(Self { listen, key, tasks, seed, limit, quiet })
    }
}

impl Worker {
    pub fn read(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let (mut connect, mut name) = (ADDRESS.to_string(), "worker".into());
        let (mut key, mut delay) = (None, 1.0);
        let (mut retry, mut quiet) = (false, false);
        let mut parser = Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("connect") => connect = parser.value()?.string()?,
                Arg::Long("delay") => delay = seconds(&mut parser)?,
                Arg::Long("retry") => retry = true,
                Arg::Long("name") => name = parser.value()?.string()?,
                Arg::Long("quiet") => quiet = true,
                Arg::Long("authkey") => key = Some(parser.value()?.string()?),
                Arg::Long("authkey-file") => {
                    key = Some(read_key(&parser.value()?.string()?)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        resolve(&connect)?;
        let key = key_or_variable(key)?;
        Ok(Self { connect, key, delay, retry, name, quiet })
    }
}

fn read_key(file: &str) -> Result<String, String> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|error| format!("{file}: {error}"))?;
    Ok(text.trim_end_matches(['\r', '\n']).into())
}

fn key_or_variable(key: Option<String>) -> Result<Key, String> {
    let key = match (key, env::var(KEY_VARIABLE)) {
        (Some(key), _) | (None, Ok(key)) => key,
        (None, Err(VarError::NotPresent)) => String::new(),
        (None, Err(error)) => return Err(format!("{KEY_VARIABLE}: {error}")),
    };
    Ok(Key::from(key.as_str()))
}

fn seconds(parser: &mut Parser) -> Result<f64, lexopt::Error> {
    let is_time = |seconds: &f64| (0.0..=1e9).contains(seconds);
    parser.value()?.parse_with(|text| match text.parse() {
        Ok(seconds) if is_time(&seconds) => Ok(seconds),
        _ => Err("not a number of seconds"),
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
