//! Several ways to do the same jobs.

use std::error::Error;
use std::io;
use std::process::{self, Stdio};
use std::thread;

use async_executor::{LocalExecutor, Task};

/// What a job has found, and the process and thread that did it.
pub struct Done {
    pub result: usize,
    pub pid: u32,
    pub thread: String,
}

pub type AllDone = io::Result<Vec<Done>>;
pub type Job<'a> = &'a (dyn Fn() -> io::Result<usize> + Sync);

impl Done {
    fn here(result: usize) -> Self {
        let thread = format!("{:?}", thread::current().id());
        Self { result, pid: process::id(), thread }
    }
}

// ANCHOR: in_threads
pub fn in_sequence(jobs: usize, job: Job) -> AllDone {
    (0..jobs).map(|_| Ok(Done::here(job()?))).collect()
}

pub fn in_threads(jobs: usize, workers: usize, job: Job) -> AllDone {
    thread::scope(|s| {
        let start = |share| s.spawn(move || in_sequence(share, job));
        let threads: Vec<_> = deal(jobs, workers).map(start).collect();
        let mut done = Vec::new();
        for thread in threads {
            done.extend(thread.join().unwrap()?);
        }
        Ok(done)
    })
}

/// How many of the jobs each worker gets.
fn deal(jobs: usize, workers: usize) -> impl Iterator<Item = usize> {
    (0..workers).map(move |k| (jobs - k).div_ceil(workers))
}
// ANCHOR_END: in_threads

// ANCHOR: in_processes
/// Each child does its share in so many threads, and reports what it has done.
pub fn in_processes(
    jobs: usize,
    [workers, threads]: [usize; 2],
    role: &str,
    arg: &str,
) -> AllDone {
    let mut children = Vec::new();
    for share in deal(jobs, workers) {
        let args = [&share.to_string(), &threads.to_string(), arg];
        let mut child = shared::child(role, args)?;
        children.push(child.stdout(Stdio::piped()).spawn()?);
    }
    let mut done = Vec::new();
    for child in children {
        let output = child.wait_with_output()?;
        if !output.status.success() {
            let how = output.status;
            return Err(io::Error::other(format!("a child exited with {how}")));
        }
        let report = String::from_utf8_lossy(&output.stdout);
        done.extend(report.lines().filter_map(read_report));
    }
    Ok(done)
}

/// In the child: does its share, and reports a line for each job.
pub fn do_share(args: &[String], job: Job) -> Result<(), Box<dyn Error>> {
    shared::exit_when_parent_dies();
    for done in in_threads(args[0].parse()?, args[1].parse()?, job)? {
        println!("{} {} {}", done.result, done.pid, done.thread);
    }
    Ok(())
}

fn read_report(line: &str) -> Option<Done> {
    let (result, rest) = line.split_once(' ')?;
    let (pid, thread) = rest.split_once(' ')?;
    let result = result.parse().ok()?;
    let pid = pid.parse().ok()?;
    Some(Done { result, pid, thread: thread.into() })
}
// ANCHOR_END: in_processes

// ANCHOR: in_tasks
/// The workers are tasks, and all of them run in the calling thread.
pub fn in_tasks(
    jobs: usize,
    workers: usize,
    job: impl AsyncFn() -> io::Result<usize>,
) -> AllDone {
    let executor = LocalExecutor::new();
    let work = async |share| -> AllDone {
        let mut done = Vec::new();
        for _ in 0..share {
            done.push(Done::here(job().await?));
        }
        Ok(done)
    };
    let start = |share| executor.spawn(work(share));
    let tasks: Vec<Task<_>> = deal(jobs, workers).map(start).collect();
    async_io::block_on(executor.run(async {
        let mut done = Vec::new();
        for task in tasks {
            done.extend(task.await?);
        }
        Ok(done)
    }))
}
// ANCHOR_END: in_tasks
