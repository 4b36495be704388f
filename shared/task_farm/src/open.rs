//! A farm by its URL: what needs the feature `nats`, and what does not.

use pymanagers::Key;

use crate::{Error, JobOwner, JobSettings, TaskSource, open_manager};

/// Whether `nats://` works in this build.
pub const KNOWS_NATS: bool = cfg!(feature = "nats");

/// Opens the worker's side of a farm: `tcp://HOST:PORT`, a master of ours or a
/// Python one; or `nats://USER@HOST:PORT,.../JOB`, a job on NATS JetStream, with
/// the options of a `NatsAddress` after a question mark.
///
/// The key is the master's `authkey`, or the user's password or a token.
///
/// # Errors
///
/// When the farm is not there, or refuses the key; [`Error::Failed`] for what
/// is no URL of a farm.
///
/// ```
/// use task_farm::{Error, open};
///
/// let refused = open("tcp://127.0.0.1:1", b"abc");
/// assert!(matches!(refused, Err(Error::Gone(_))));
/// ```
pub fn open(url: &str, key: &[u8]) -> Result<Box<dyn TaskSource>, Error> {
    match url.split_once("://") {
        Some(("tcp", address)) => {
            let source = open_manager(address, &Key::from(key));
            source.map_err(|error| match error {
                Error::Gone(why) => Error::Gone(format!("{address}: {why}")),
                other => other,
            })
        }
        Some(("nats" | "tls", _)) => nats::open(url, key),
        _ => Err(Error::Failed(format!("{url} is no URL of a farm"))),
    }
}

/// Opens the owner's side of a job on an engine, as [`open`] has its URL; the
/// job is created if it is not there.
///
/// # Errors
///
/// As for [`open`], and when the job is there with other settings.
pub fn create_job(
    url: &str,
    key: &[u8],
    settings: JobSettings,
) -> Result<Box<dyn JobOwner>, Error> {
    nats::create_job(url, key, settings)
}

/// Opens the owner's side of a job that is there.
///
/// # Errors
///
/// As for [`open`]; [`Error::Gone`] when there is no such job.
pub fn open_job(url: &str, key: &[u8]) -> Result<Box<dyn JobOwner>, Error> {
    nats::open_job(url, key)
}

#[cfg(feature = "nats")]
mod nats {
    use super::*;
    use crate::{NatsAddress, NatsJob};

    /// Where the servers are, and the job's name.
    fn read(url: &str, key: &[u8]) -> Result<(NatsAddress, String), Error> {
        let (place, options) = url.split_once('?').unwrap_or((url, ""));
        let (servers, job) = place.rsplit_once('/').unwrap_or((place, ""));
        let address = format!("{servers}?{options}").parse::<NatsAddress>();
        let mut address = address.map_err(Error::Failed)?;
        if address.key.is_none() && !key.is_empty() {
            let key = std::str::from_utf8(key).map_err(|_| {
                Error::Failed("a password of NATS is a text".into())
            })?;
            address.key = Some(key.into());
        }
        Ok((address, job.into()))
    }

    pub fn open(url: &str, key: &[u8]) -> Result<Box<dyn TaskSource>, Error> {
        let (address, job) = read(url, key)?;
        Ok(Box::new(NatsJob::open(&address, &job)?))
    }

    pub fn open_job(url: &str, key: &[u8]) -> Result<Box<dyn JobOwner>, Error> {
        let (address, job) = read(url, key)?;
        Ok(Box::new(NatsJob::open(&address, &job)?))
    }

    pub fn create_job(
        url: &str,
        key: &[u8],
        settings: JobSettings,
    ) -> Result<Box<dyn JobOwner>, Error> {
        let (address, job) = read(url, key)?;
        Ok(Box::new(NatsJob::create(&address, &job, settings)?))
    }
}

#[cfg(not(feature = "nats"))]
mod nats {
    use super::*;

    fn missing<T>() -> Result<T, Error> {
        let why = "this build knows no NATS: it needs the feature nats";
        Err(Error::Failed(why.into()))
    }

    pub fn open(_: &str, _: &[u8]) -> Result<Box<dyn TaskSource>, Error> {
        missing()
    }

    pub fn open_job(_: &str, _: &[u8]) -> Result<Box<dyn JobOwner>, Error> {
        missing()
    }

    pub fn create_job(
        _: &str,
        _: &[u8],
        _: JobSettings,
    ) -> Result<Box<dyn JobOwner>, Error> {
        missing()
    }
}
