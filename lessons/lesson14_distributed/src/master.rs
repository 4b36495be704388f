//! The master: tasks out, results in.

use std::collections::BTreeSet;
use std::error::Error;
use std::process;
use std::time::{Duration, Instant};

use lesson14_distributed::farm::{self, Done, Farm, Host, Local, Task};
use lesson14_distributed::managers::{Event, Value};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use shared::clock::at_pace;
use shared::timeline;

use crate::options;

pub fn master(args: &[String]) -> Result<(), Box<dyn Error>> {
    run(&options::Master::read(args)?, |_| ())
}

// ANCHOR: run
/// Runs a master. `at_end` is called when all results are there.
pub fn run(
    options: &options::Master,
    at_end: impl FnOnce(&Local),
) -> Result<(), Box<dyn Error>> {
    let me = format!("master ({})", process::id());
    let host = open(&me, options)?;
    println!("{me}: listens on {}", host.address());
    let mut farm = host.farm();
    let mut missing = put_tasks(&me, &mut farm, options)?;
    println!("{me}: Try get results...");
    let collected = collect(&me, &mut farm, &mut missing, options.quiet);
    if collected.is_ok() {
        summary(&me, &mut farm)?;
        at_end(&farm);
    }
    host.close(GOODBYE); // The workers hear that they may leave.
    let done = options.tasks - missing.len() as u64;
    collected.map_err(|why| {
        format!("{why} with {done} of {} results", options.tasks)
    })?;
    println!("{me}: master exit.");
    Ok(())
}

fn put_tasks(
    me: &str,
    farm: &mut dyn Farm,
    options: &options::Master,
) -> Result<BTreeSet<u64>, farm::Error> {
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut random = StdRng::seed_from_u64(seed);
    let ids = 0..options.tasks;
    let tasks = ids.clone().map(|id| {
        let n: i64 = random.random_range(0..=10_000);
        if !options.quiet {
            println!("{me}: Put task {n}...");
        }
        Task { id, body: n.into() }
    });
    farm.put(&tasks.collect::<Vec<_>>())?;
    Ok(ids.collect())
}

/// Each task's first result, until none is missing.
fn collect(
    me: &str,
    farm: &mut dyn Farm,
    missing: &mut BTreeSet<u64>,
    quiet: bool,
) -> Result<(), farm::Error> {
    let mut progress = Progress::start();
    while !missing.is_empty() {
        let waiting = timeline::waiting("waits for results");
        let done = farm.collect(progress.time_left())?;
        drop(waiting);
        for Done { task, result } in done {
            if missing.remove(&task) && !quiet {
                println!("{me}: Result: {}", text(&result));
            }
        }
        progress.tell(me, farm)?;
    }
    Ok(())
}
// ANCHOR_END: run

/// How long workers may take to hang up.
const GOODBYE: Duration = Duration::from_secs(5);

/// Opens the master's queues to its workers.
fn open(me: &str, options: &options::Master) -> Result<Host, Box<dyn Error>> {
    let farm = Local::new(Some(options.limit));
    let stopped = farm.clone();
    ctrlc::set_handler(move || stopped.stop())?;
    let (listen, key) = (&options.listen, options.key.clone());
    let logged = me.to_string();
    let log = move |event| {
        if let Event::Refused(peer, error) = event {
            println!("{logged}: {peer}: {error}");
        }
    };
    let host = Host::open(farm, listen, key, belongs, log);
    Ok(host.map_err(|error| format!("{listen}: {error}"))?)
}

/// Whether this can be the result of that task: `3411 * 3411 = ...`.
fn belongs(task: &Value, result: &Value) -> bool {
    let Some(result) = result.as_str() else {
        return false;
    };
    let n = task.to_string();
    result.starts_with(&format!("{n} * {n} = "))
}

/// A text as it is, other values as Python shows them.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

/// Says how far it has come, once a second at the most, when there is news.
struct Progress {
    next: Instant,
    told: String,
}

impl Progress {
    fn start() -> Self {
        Self { next: Instant::now() + at_pace(1.0), told: String::new() }
    }

    fn time_left(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    fn tell(
        &mut self,
        me: &str,
        farm: &mut dyn Farm,
    ) -> Result<(), farm::Error> {
        if !self.time_left().is_zero() {
            return Ok(());
        }
        self.next = Instant::now() + at_pace(1.0);
        let it = farm.status()?;
        let (all, now) = (it.waiting + it.out + it.done, it.done);
        let (out, workers) = (it.out, it.workers);
        let news =
            format!("{now} of {all} done, {out} out, workers: {workers}");
        if news != self.told {
            println!("{me}: {news}");
            self.told = news;
        }
        Ok(())
    }
}

fn summary(me: &str, farm: &mut dyn Farm) -> Result<(), farm::Error> {
    let it = farm.status()?;
    let (tasks, workers) = (it.done, it.seen);
    let (again, dropped) = (it.again, it.dropped);
    let speed = it.done as f64 / it.busy.as_secs_f64().max(1e-9);
    println!(
        "{me}: tasks: {tasks}, workers seen: {workers}, given out again: \
         {again}, results dropped: {dropped}, tasks a second: {speed:.1}"
    );
    Ok(())
}
