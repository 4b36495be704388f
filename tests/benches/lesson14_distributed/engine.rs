//! Our masters and workers, with the queue in the master or on an engine.

use std::error::Error;
use std::time::Instant;

use task_farm::{
    FarmServer, JobOwner, JobSettings, MemoryJob, NatsJob, TaskSource,
    open_manager,
};

use crate::work::{self, LONG};

/// The one job that there is at a time.
const JOB: &str = "bench";

/// The master's side of a queue: `here`, or an address and how many servers
/// keep it.
fn create(place: &[String]) -> Result<Queue, Box<dyn Error>> {
    let [address, replicas] = place else {
        return Ok(Queue::Here(MemoryJob::new(Some(LONG))));
    };
    let replicas = replicas.parse()?;
    let settings = JobSettings { lease: LONG, tries: 5, replicas };
    let farm = NatsJob::create(&address.parse()?, JOB, settings)?;
    Ok(Queue::There(farm, address.clone()))
}

enum Queue {
    Here(MemoryJob),
    There(NatsJob, String),
}

impl Queue {
    fn farm(&mut self) -> &mut dyn JobOwner {
        match self {
            Self::Here(farm) => farm,
            Self::There(farm, _) => farm,
        }
    }

    /// Says where workers find it.
    fn open(&self) -> Result<Option<FarmServer>, Box<dyn Error>> {
        match self {
            Self::Here(farm) => work::open_to_workers(farm.clone()).map(Some),
            Self::There(_, address) => {
                println!("{address}");
                Ok(None)
            }
        }
    }

    fn close(self, host: Option<FarmServer>) -> Result<(), Box<dyn Error>> {
        work::until_nobody_wants_us()?;
        if let Self::There(mut farm, _) = self {
            farm.remove()?;
        }
        if let Some(host) = host {
            host.shutdown(LONG);
        }
        Ok(())
    }
}

/// Puts tasks, and says how many a second.
pub fn put(args: &[String]) -> Result<(), Box<dyn Error>> {
    let (tasks, place) = args.split_first().ok_or("how many?")?;
    let tasks = work::tasks(tasks.parse()?);
    let mut queue = create(place)?;
    let start = Instant::now();
    queue.farm().put(&tasks)?;
    println!("{}", tasks.len() as f64 / start.elapsed().as_secs_f64());
    queue.close(None)
}

/// Puts tasks, and says where they are, and when all have been done.
pub fn master(args: &[String]) -> Result<(), Box<dyn Error>> {
    let (tasks, place) = args.split_first().ok_or("how many?")?;
    let tasks: u64 = tasks.parse()?;
    let mut queue = create(place)?;
    queue.farm().put(&work::tasks(tasks))?;
    let host = queue.open()?;
    work::collect(queue.farm(), tasks)?;
    queue.close(host)
}

/// Once a worker is there: puts a task and waits for its result, again and
/// again, and says how many milliseconds each took.
pub fn latency(args: &[String]) -> Result<(), Box<dyn Error>> {
    let (times, place) = args.split_first().ok_or("how many?")?;
    let mut queue = create(place)?;
    let host = queue.open()?;
    work::until_all_are_ready()?;
    for task in &work::tasks(times.parse()?) {
        let start = Instant::now();
        let farm = queue.farm();
        farm.put(std::slice::from_ref(task))?;
        while farm.collect(LONG)?.is_empty() {}
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
    queue.close(host)
}

pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    let [address, batch] = args else {
        return Err("where, and how many at once?".into());
    };
    let mut farm: Box<dyn TaskSource> = match address.starts_with("nats://") {
        true => Box::new(NatsJob::open(&address.parse()?, JOB)?),
        false => open_manager(&**address, &work::key()?)?,
    };
    work::work(&mut *farm, batch.parse()?)
}
