//! An address of servers, read from a line.

use std::fmt;
use std::str::FromStr;

/// Where the servers are, and who we are there:
/// `nats://user:key@host:4222,host:4222`. User and key are taken as they
/// stand; a host without a port is at 4222, and one of numbers in IPv6 stands
/// in brackets.
///
/// ```
/// use task_farm::NatsAddress;
///
/// let address: NatsAddress = "nats://anna:abc@one,two:4223".parse()?;
/// assert_eq!(address.to_string(), "nats://one:4222,two:4223");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NatsAddress {
    pub(super) hosts: Vec<String>,
    pub(super) user: Option<String>,
    /// The user's key. Better than in the address, where `ps` shows it.
    pub key: Option<String>,
}

impl FromStr for NatsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Without what stands before the @: it may be a key.
        let shown = text.rsplit_once('@').map_or(text, |(_, hosts)| hosts);
        let wrong = || format!("{shown} is not like nats://user@host:4222");
        let rest = text.strip_prefix("nats://").ok_or_else(wrong)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, hosts) = match rest.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, rest),
        };
        let (user, key) = match login.map(|login| login.split_once(':')) {
            Some(Some((user, key))) => (Some(user), Some(key)),
            Some(None) => (login, None),
            None => (None, None),
        };
        let host = |host: &str| match host.rsplit_once(':') {
            _ if host.is_empty() || host.contains(['/', ' ']) => Err(wrong()),
            Some((_, port)) if port.parse::<u16>().is_ok() => Ok(host.into()),
            Some(_) if !host.ends_with(']') => Err(wrong()),
            _ => Ok(format!("{host}:4222")),
        };
        Ok(Self {
            hosts: hosts.split(',').map(host).collect::<Result<_, _>>()?,
            user: user.map(String::from),
            key: key.map(String::from),
        })
    }
}

/// Without user and key.
impl fmt::Display for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nats://{}", self.hosts.join(","))
    }
}

impl fmt::Debug for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
