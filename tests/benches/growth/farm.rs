//! A farm: its queue is in this process, and its workers are processes that
//! take one task at a time over the loopback.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use pymanagers::Key;
use task_farm::{
    Done, FarmServer, JobOwner, MemoryJob, Report, Task, open_manager,
};

pub const ROLE: &str = "farm_worker";

const KEY: &str = "LESSON_AUTHKEY";
const LONG: Duration = Duration::from_secs(60);

/// Works until the job is closed.
pub fn worker(address: &str) -> Result<(), Box<dyn Error>> {
    shared::exit_when_parent_dies();
    let key = Key::from(env::var(KEY)?.as_str());
    let mut farm = open_manager(address, &key)?;
    println!("ready");
    let mut done = Vec::new();
    loop {
        let leases = farm.exchange(&done, 1, LONG)?;
        if leases.is_empty() {
            return Ok(());
        }
        let finished = leases
            .into_iter()
            .map(|lease| Done { task: lease.task.id, result: lease.task.body });
        done = finished.collect();
    }
}

pub fn cost(workers: usize, tasks: usize) -> f64 {
    measure(workers, tasks).expect("the farm works")
}

fn measure(workers: usize, tasks: usize) -> Result<f64, Box<dyn Error>> {
    let (key, text) = Key::random();
    let server = FarmServer::builder(MemoryJob::new(Some(LONG)));
    let server = server.open("127.0.0.1:0", key)?;
    let start = |_| start(&server.address().to_string(), &text);
    let children = (0..workers).map(start).collect::<Result<Vec<_>, _>>()?;
    let mut job = server.job();
    let mut ids = 0..;
    let cost = super::each(tasks, |count| {
        let next = ids.by_ref().take(count);
        let tasks: Vec<_> =
            next.map(|id| Task { id, body: 1.into() }).collect();
        job.put(&tasks).expect("it is in this process");
        let mut collected = 0;
        while collected < count {
            let reports = job.collect(LONG).expect("it is in this process");
            let is_done = |it: &Report| matches!(it, Report::Done(_));
            assert!(!reports.is_empty() && reports.iter().all(is_done));
            collected += reports.len();
        }
    });
    job.close()?;
    for mut child in children {
        assert!(child.wait()?.success());
    }
    server.shutdown(LONG);
    Ok(cost)
}

/// A worker that is connected.
fn start(address: &str, key: &str) -> std::io::Result<Child> {
    let mut worker = shared::child(ROLE, [address])?;
    worker.env(KEY, key).stdout(Stdio::piped());
    let mut worker = worker.spawn()?;
    let stdout = worker.stdout.take().expect("it is piped");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    assert_eq!(line, "ready\n");
    Ok(worker)
}
