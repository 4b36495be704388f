//! A worker's side of two of Python's queues, on any server.

use pymanagers::{Address, Client, Key};

use super::leased::LeasedTasks;
use super::plain::PlainQueues;
use super::wire::{EXCHANGE, RESULTS, TASKS};
use crate::{Error, TaskSource};

/// Connects to a master.
///
/// A [`FarmServer`](crate::FarmServer) leases its tasks: when the connection
/// ends, other workers get them. A Python master gives its tasks away: there a
/// task is lost with its worker, unless the worker releases it, and the tasks
/// are numbered here.
///
/// # Errors
///
/// When the master is not there, does not answer, or does not know the key or
/// the two queues.
pub fn open_manager(
    address: impl Into<Address>,
    key: &Key,
) -> Result<Box<dyn TaskSource>, Error> {
    connect(address.into(), key).map_err(|error| match error.is_gone() {
        true => Error::Gone(error.to_string()),
        false => Error::Failed(error.to_string()),
    })
}

fn connect(
    address: Address,
    key: &Key,
) -> Result<Box<dyn TaskSource>, pymanagers::Error> {
    let client = Client::connect(address, key)?;
    let tasks = client.proxy(TASKS)?;
    if tasks.has_method(EXCHANGE) {
        return Ok(Box::new(LeasedTasks::new(tasks)));
    }
    Ok(Box::new(PlainQueues::new(tasks, client.proxy(RESULTS)?)))
}
