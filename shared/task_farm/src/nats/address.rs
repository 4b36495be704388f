//! An address of servers, read from a line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// The servers' addresses and our credentials, as the tools of NATS write them:
/// `nats://user:key@host:4222,host:4222`, or `tls://` for servers that must
/// speak TLS.
///
/// A user without a key is a token. Characters such as `@`, `/` and `%` in a
/// user or a key are written `%40`, `%2F` and `%25`. A host without a port is
/// at 4222; an IPv6 address is written in brackets.
///
/// Files follow after a question mark, by the names that the command `nats`
/// has for them: `creds=FILE` (a JWT and its seed), `nkey=FILE` (a seed),
/// `tlsca=FILE`, `tlscert=FILE` and `tlskey=FILE`.
///
/// ```
/// use task_farm::NatsAddress;
///
/// let address: NatsAddress = "nats://anna:a%40b@one,two:4223".parse()?;
/// assert_eq!(address.to_string(), "nats://one:4222,two:4223");
/// assert_eq!(address.key.as_deref(), Some("a@b"));
/// let address = "tls://one?tlsca=ca.pem&creds=anna.creds";
/// assert!(address.parse::<NatsAddress>().is_ok());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NatsAddress {
    scheme: String,
    hosts: Vec<String>,
    pub(super) user: Option<String>,
    /// The user's key, or a token if there is no user. Better than in the
    /// address, where `ps` shows it.
    pub key: Option<String>,
    pub(super) files: Files,
}

/// The files that an address names.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Files {
    pub creds: Option<PathBuf>,
    pub nkey: Option<PathBuf>,
    pub tlsca: Option<PathBuf>,
    pub tlscert: Option<PathBuf>,
    pub tlskey: Option<PathBuf>,
}

impl FromStr for NatsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (servers, options) = text.split_once('?').unwrap_or((text, ""));
        // Without what is before the @: it may be a key.
        let shown = servers.rsplit_once('@').map_or(servers, |(_, it)| it);
        let wrong = || format!("{shown} is not like nats://user@host:4222");
        let (scheme, list) = servers.split_once("://").ok_or_else(wrong)?;
        if !["nats", "tls"].contains(&scheme) {
            return Err(wrong());
        }
        let mut address = Self {
            scheme: scheme.into(),
            hosts: Vec::new(),
            user: None,
            key: None,
            files: Files::read(options)?,
        };
        for server in list.strip_suffix('/').unwrap_or(list).split(',') {
            let prefix = format!("{scheme}://");
            let server = server.strip_prefix(&prefix).unwrap_or(server);
            let (login, host) = match server.rsplit_once('@') {
                Some((login, host)) => (login, host),
                None => ("", server),
            };
            address.hosts.push(with_port(host).ok_or_else(wrong)?);
            if address.user.is_none() && !login.is_empty() {
                let (user, key) = match login.split_once(':') {
                    Some((user, key)) => (user, Some(key)),
                    None => (login, None),
                };
                address.user = Some(decode(user)?);
                address.key = key.map(decode).transpose()?;
            }
        }
        Ok(address)
    }
}

impl NatsAddress {
    /// One URL for each server.
    pub(super) fn urls(&self) -> Vec<String> {
        let url = |host| format!("{}://{host}", self.scheme);
        self.hosts.iter().map(url).collect()
    }
}

fn with_port(host: &str) -> Option<String> {
    match host.rsplit_once(':') {
        _ if host.is_empty() || host.contains(['/', ' ']) => None,
        Some((_, port)) if port.parse::<u16>().is_ok() => Some(host.into()),
        Some(_) if !host.ends_with(']') => None,
        _ => Some(format!("{host}:4222")),
    }
}

fn decode(text: &str) -> Result<String, String> {
    let text = percent_decode_str(text).decode_utf8();
    let text = text.map_err(|_| "a user and a key are UTF-8")?;
    Ok(text.into_owned())
}

impl Files {
    fn read(options: &str) -> Result<Self, String> {
        let mut files = Self::default();
        for option in options.split('&').filter(|it| !it.is_empty()) {
            let (name, file) = option.split_once('=').unwrap_or((option, ""));
            let place = match name {
                "creds" => &mut files.creds,
                "nkey" => &mut files.nkey,
                "tlsca" => &mut files.tlsca,
                "tlscert" => &mut files.tlscert,
                "tlskey" => &mut files.tlskey,
                _ => return Err(format!("{name} is no option of an address")),
            };
            *place = Some(decode(file)?.into());
        }
        match files.tlscert.is_some() == files.tlskey.is_some() {
            true => Ok(files),
            false => Err("tlscert and tlskey go together".into()),
        }
    }
}

/// Without user, key and files.
impl fmt::Display for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.hosts.join(","))
    }
}

impl fmt::Debug for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NatsAddress, String> {
        text.parse()
    }

    #[test]
    fn a_login_is_decoded_and_may_be_a_token() {
        let address = read("nats://a%40b:x%2F%25%3A@one").unwrap();
        assert_eq!(address.user.as_deref(), Some("a@b"));
        assert_eq!(address.key.as_deref(), Some("x/%:"));
        let token = read("nats://s3cr%65t@one:1").unwrap();
        assert_eq!(token.user.as_deref(), Some("s3cret"));
        assert_eq!(token.key, None);
        assert!(read("nats://a:%ff@one").is_err());
    }

    #[test]
    fn each_server_may_have_its_scheme_and_login() {
        let address = read("tls://u:k@one,tls://u:k@[::1]:7").unwrap();
        assert_eq!(address.urls(), ["tls://one:4222", "tls://[::1]:7"]);
        assert_eq!(address.user.as_deref(), Some("u"));
    }

    #[test]
    fn files_are_named_as_the_tools_of_nats_have_them() {
        let address = read("nats://one/?creds=%2Fa/b.creds&tlsca=ca").unwrap();
        assert_eq!(address.files.creds, Some("/a/b.creds".into()));
        assert_eq!(address.files.tlsca, Some("ca".into()));
        let unknown = read("nats://one?token=x");
        assert_eq!(unknown, Err("token is no option of an address".into()));
        let half = read("nats://one?tlscert=x");
        assert_eq!(half, Err("tlscert and tlskey go together".into()));
    }

    #[test]
    fn nonsense_is_refused_without_its_key() {
        for text in ["", "one", "http://one", "nats://", "nats://a:b@one:x"] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains("is not like"), "{text}: {refused}");
            assert!(!refused.contains("a:b"), "{refused}");
        }
    }
}
