//! Our master and our worker, as `bench.py` has CPython's.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use pymanagers::Client;
use task_farm::{JobOwner, MemoryJob, open_manager};

use crate::work;

pub fn master(tasks: u64) -> Result<(), Box<dyn Error>> {
    let mut farm = MemoryJob::new(Some(work::LONG));
    farm.put(&work::tasks(tasks))?;
    let host = work::open_to_workers(farm)?;
    let mut farm = host.job();
    thread::spawn(move || {
        work::collect(&mut farm, tasks).expect("it is in this process");
    });
    work::until_nobody_wants_us()?;
    // A Python worker would ask on, and wait, for as long as it may.
    host.shutdown(Duration::from_secs(1));
    Ok(())
}

pub fn worker(address: &str) -> Result<(), Box<dyn Error>> {
    work::work(&mut *open_manager(address, &work::key()?)?, 1)
}

pub fn connect(address: &str, times: usize) -> Result<(), Box<dyn Error>> {
    let key = work::key()?;
    for _ in 0..times {
        let start = Instant::now();
        let _client = Client::connect(address, &key)?;
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(())
}
