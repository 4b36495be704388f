//! The queues on an engine of their own: NATS JetStream.

use std::error::Error;

use lesson14_distributed::farm::{
    self, Farm, JobSettings, Nats, NatsAddress, Status,
};
use lesson14_distributed::servers::is_at_least;

use crate::options::{self, Queue};

pub use crate::cluster::{child as cluster_child, cluster};
pub use lesson14_distributed::servers::keeper;

/// The master's side; Ctrl-C stops its calls.
pub fn create(
    me: &str,
    queue: &Queue,
    options: &options::Master,
) -> Result<Box<dyn Farm>, Box<dyn Error>> {
    let (lease, replicas) = (options.lease, options.replicas);
    let settings = JobSettings { lease, replicas };
    let farm = Nats::create(&address(queue)?, &queue.job, settings)?;
    let version = farm.server_version();
    // All servers of an older cluster may stop, and lose their streams.
    if replicas > 1 && !is_at_least(&version, 2, 10) {
        eprintln!(
            "{me}: warning: nats-server {version} may lose a job when all \
             servers stop; replicas want 2.10 or later"
        );
    }
    ctrlc::set_handler(farm.stopper())?;
    Ok(Box::new(farm))
}

/// The worker's side.
pub fn open(queue: &Queue) -> Result<Box<dyn Farm>, farm::Error> {
    let address = address(queue).map_err(farm::Error::Failed)?;
    Ok(Box::new(Nats::open(&address, &queue.job)?))
}

/// How lines and pages name it.
pub fn name(queue: &Queue) -> Result<String, Box<dyn Error>> {
    Ok(format!("{}, job {}", address(queue)?, queue.job))
}

pub fn status(args: &[String]) -> Result<(), Box<dyn Error>> {
    let queue = Queue::read(args)?;
    let Status {
        waiting, out, done, again, dropped, workers, seen, over, ..
    } = open(&queue)?.status()?;
    println!(
        "{}: {waiting} waiting, {out} out, {done} done, workers: {workers} \
         of {seen} seen, given out again: {again}, results dropped: {dropped}{}",
        queue.job,
        if over { ", all done" } else { "" },
    );
    Ok(())
}

pub fn clear(args: &[String]) -> Result<(), Box<dyn Error>> {
    let queue = Queue::read(args)?;
    Nats::open(&address(&queue)?, &queue.job)?.remove()?;
    println!("{}: forgotten", queue.job);
    Ok(())
}

fn address(queue: &Queue) -> Result<NatsAddress, String> {
    let mut address: NatsAddress = queue.address.parse()?;
    if address.key.is_none() && !queue.key.is_empty() {
        address.key = Some(queue.key.clone());
    }
    Ok(address)
}
