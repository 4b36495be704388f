//! A thousand workers at one queue. Some die with tasks in hand, some freeze
//! and come back too late, some give their tasks back.
//!
//! The queue is the master's own, `MemoryJob`, and the workers are real
//! threads; only the network between them is missing.
//!
//! Run: `cargo run -p lesson14_distributed --example simulation`

use std::error::Error;
use std::ops::Add;
use std::process;
use std::thread;
use std::time::Instant;

use lexopt::{Arg, Parser, ValueExt};
use shared::clock::{at_pace, pace};
use shared::nap;
use task_farm::{Done, JobOwner, Lease, MemoryJob, Report, Task, TaskSource};

/// Seconds: what a task takes, how long a lease lasts, and how long it takes
/// until there is another worker for one that has died.
const TASK: f64 = 0.5;
const LEASE: f64 = 2.0;
const REPLACED: f64 = 1.0;

/// How many tasks a worker takes at once.
const BATCH: usize = 2;

/// Enough for what a worker does; with the usual 2 MiB a thousand of them
/// would reserve 2 GiB.
const STACK: usize = 256 << 10;

// ANCHOR: main
fn main() -> Result<(), Box<dyn Error>> {
    let (workers, tasks) = read()?;
    let me = format!("simulation ({})", process::id());
    println!("{me}: {workers} workers, {tasks} tasks of {TASK} s");
    let mut job = MemoryJob::new(Some(at_pace(LEASE)));
    let task = |id: u64| Task { id, body: id.cast_signed().into() };
    job.put(&(0..tasks).map(task).collect::<Vec<_>>())?;
    let start = Instant::now();
    let count = thread::scope(|s| {
        let worker = |_| {
            let job = &job;
            let builder = thread::Builder::new().stack_size(STACK);
            builder.spawn_scoped(s, || live(job))
        };
        let started: Vec<_> = (0..workers).map(worker).collect();
        let collected = collect(&me, &mut job.clone(), tasks);
        job.clone().close()?; // The workers exit.
        let mut all = Count::default();
        for worker in started {
            all = all + worker?.join().unwrap()?;
        }
        collected.map(|()| all).map_err(Box::<dyn Error>::from)
    })?;
    sum_up(&me, &mut job, &count, tasks)?;
    let took = start.elapsed().as_secs_f64() / pace();
    let rounds = tasks as f64 / workers as f64;
    println!("{me}: {took:.1} s; {:.1} s with no failure", rounds * TASK);
    Ok(())
}

/// A worker, and after its death another one in its place.
fn live(job: &MemoryJob) -> Result<Count, task_farm::Error> {
    let mut count = Count::default();
    while !work(&mut job.clone(), &mut count)? {
        nap(REPLACED);
    }
    Ok(count)
}

/// Whether it has come to the end of the job, and has not died before.
fn work(
    job: &mut MemoryJob,
    count: &mut Count,
) -> Result<bool, task_farm::Error> {
    let mut done = Vec::new();
    loop {
        let leases = job.exchange(&done, BATCH, at_pace(1.0))?;
        done.clear();
        if leases.is_empty() && job.is_closed()? {
            return Ok(true);
        }
        count.delivered += leases.len();
        match leases.iter().map(fate).max().unwrap_or(Fate::Works) {
            Fate::Dies => {
                count.died += 1;
                count.lost += leases.len();
                return Ok(false); // It dies without a message.
            }
            Fate::GivesBack => {
                job.release(&leases)?;
                count.released += leases.len();
                continue;
            }
            Fate::Freezes => {
                nap(2.0 * LEASE);
                count.froze += 1;
            }
            Fate::Works => nap(TASK * leases.len() as f64),
        }
        count.brought += leases.len();
        let square = |lease: &Lease| {
            let n = lease.task.body.as_int().unwrap_or_default();
            Done { task: lease.task.id, result: (n * n).into() }
        };
        done.extend(leases.iter().map(square));
    }
}
// ANCHOR_END: main

/// What happens to the worker of a task; of a batch, the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Works,
    GivesBack,
    Freezes,
    Dies,
}

/// Of a hundred tasks two are their worker's end, two freeze it, and two are
/// given back, the first time. One in five hundred is another worker's end.
fn fate(lease: &Lease) -> Fate {
    match (lease.task.id % 50, lease.delivery_count) {
        (7, 1) => Fate::Dies,
        (7, 2) if lease.task.id % 500 == 7 => Fate::Dies,
        (23, 1) => Fate::Freezes,
        (41, 1) => Fate::GivesBack,
        _ => Fate::Works,
    }
}

/// What has happened to workers, and to the tasks that they had.
#[derive(Clone, Copy, Default)]
struct Count {
    delivered: usize,
    brought: usize,
    lost: usize,
    released: usize,
    died: usize,
    froze: usize,
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            delivered: self.delivered + other.delivered,
            brought: self.brought + other.brought,
            lost: self.lost + other.lost,
            released: self.released + other.released,
            died: self.died + other.died,
            froze: self.froze + other.froze,
        }
    }
}

fn read() -> Result<(usize, u64), lexopt::Error> {
    let mut workers = 1_000;
    let mut tasks = 10_000;
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("workers") => {
                workers = parser.value()?.parse::<usize>()?.max(1);
            }
            Arg::Long("tasks") => tasks = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok((workers, tasks))
}

/// Each task's result once, and the right one.
fn collect(me: &str, job: &mut MemoryJob, tasks: u64) -> Result<(), String> {
    let mut missing = vec![true; tasks as usize];
    let mut left = tasks;
    let mut printed = Instant::now();
    while left > 0 {
        let done = job.collect(at_pace(0.5)).map_err(|e| e.to_string())?;
        for report in done {
            let Report::Done(Done { task, result }) = report else {
                return Err(format!("no result: {report:?}"));
            };
            let is_first = std::mem::take(&mut missing[task as usize]);
            if !is_first || result.as_int() != Some((task * task) as i64) {
                return Err(format!("task {task} has a second result"));
            }
            left -= 1;
        }
        if printed.elapsed() > at_pace(1.0) {
            printed = Instant::now();
            let it = job.stats().map_err(|error| error.to_string())?;
            let done = it.done;
            let out = it.leased;
            println!("{me}: {done} of {tasks} done, {out} out");
        }
    }
    Ok(())
}

/// What the queue has counted, and what its workers have, are the same.
fn sum_up(
    me: &str,
    job: &mut MemoryJob,
    count: &Count,
    tasks: u64,
) -> Result<(), Box<dyn Error>> {
    let Count { delivered, brought, lost, released, died, froze } = *count;
    let it = job.stats()?;
    println!("{me}: workers that died: {died}, with {lost} tasks in hand");
    println!("{me}: froze: {froze}, tasks given back: {released}");
    let again = it.redelivered;
    let dropped = it.duplicates;
    println!("{me}: given out again: {again}, results dropped: {dropped}");
    let all_delivered = tasks as usize + again == delivered;
    let all_back = delivered == brought + lost + released;
    if !all_delivered || !all_back || it.done + dropped != brought {
        return Err(format!(
            "{delivered} delivered, {brought} brought: no sum"
        )
        .into());
    }
    println!("{me}: {} results, each once: nothing is lost", it.done);
    Ok(())
}
