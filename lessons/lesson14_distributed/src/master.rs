//! The master: tasks out, results in.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process;
use std::time::{Duration, Instant};

use lesson14_distributed::farm::{self, Done, Farm, Host, Local, Status, Task};
use pymanagers::{ServerEvent, Value};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use shared::clock::at_pace;
use shared::timeline;

use crate::{engine, options};

pub fn master(args: &[String]) -> Result<(), Box<dyn Error>> {
    run(&options::Master::read(args)?, |_| ())
}

// ANCHOR: run
/// Runs a master. `at_end` is called when all results are there.
pub fn run(
    options: &options::Master,
    at_end: impl FnOnce(&mut dyn Farm),
) -> Result<(), Box<dyn Error>> {
    let me = format!("master ({})", process::id());
    let mut queues = Queues::open(&me, options)?;
    println!("{me}: {}", queues.header);
    let farm = &mut *queues.farm;
    let mut missing = put_tasks(&me, farm, options)?;
    println!("{me}: Try get results...");
    let collected = collect(&me, farm, &mut missing, options);
    if collected.is_ok() {
        summary(&me, farm)?;
        at_end(farm);
        farm.close()?; // The workers hear that they may leave.
    }
    queues.close();
    let done = options.tasks - missing.len() as u64;
    collected.map_err(|why| match why {
        farm::Error::Failed(why) => why,
        why => format!("{why} with {done} of {} results", options.tasks),
    })?;
    println!("{me}: master exit.");
    Ok(())
}

/// Returns them all, as their results are missing yet.
fn put_tasks(
    me: &str,
    farm: &mut dyn Farm,
    options: &options::Master,
) -> Result<BTreeMap<u64, Task>, farm::Error> {
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut random = StdRng::seed_from_u64(seed);
    let tasks = (0..options.tasks).map(|id| {
        let n: i64 = random.random_range(0..=10_000);
        if !options.quiet {
            println!("{me}: Put task {n}...");
        }
        Task { id, body: n.into() }
    });
    let tasks: Vec<_> = tasks.collect();
    farm.put(&tasks)?;
    Ok(tasks.into_iter().map(|task| (task.id, task)).collect())
}

/// Each task's first result, until none is missing.
fn collect(
    me: &str,
    farm: &mut dyn Farm,
    missing: &mut BTreeMap<u64, Task>,
    options: &options::Master,
) -> Result<(), farm::Error> {
    let mut progress = Progress::start(missing.len(), options.quiet);
    while !missing.is_empty() {
        let waiting = timeline::waiting("waits for results");
        let done = farm.collect(progress.time_left())?;
        drop(waiting);
        for Done { task, result } in done {
            let Some(task) = missing.remove(&task) else { continue };
            if options.queue.is_some() && !belongs(&task.body, &result) {
                return Err(another_task(task.id));
            }
            if !options.quiet {
                println!("{me}: Result: {}", text(&result));
            }
        }
        if let Some(status) = progress.tell(me, farm)?
            && status.waiting + status.out == 0
        {
            put_again(me, farm, missing)?;
        }
    }
    Ok(())
}
// ANCHOR_END: run

/// An engine remembers what was put under this job's name before.
fn another_task(id: u64) -> farm::Error {
    farm::Error::Failed(format!(
        "task {id} has the result of another task: this job has other tasks; \
         take their --seed, or another --job, or clear it"
    ))
}

/// Nobody has these tasks. Most often their results are on their way, and
/// then nothing is put.
fn put_again(
    me: &str,
    farm: &mut dyn Farm,
    missing: &BTreeMap<u64, Task>,
) -> Result<(), farm::Error> {
    let tasks: Vec<_> = missing.values().cloned().collect();
    let lost = farm.put(&tasks)?;
    if lost > 0 {
        println!("{me}: {lost} tasks were lost: put again");
    }
    Ok(())
}

/// How long workers may take to hang up.
const GOODBYE: Duration = Duration::from_secs(5);

/// Where the master's tasks and results are.
struct Queues {
    farm: Box<dyn Farm>,
    header: String,
    /// The queues' server, when they are in this process.
    host: Option<Host>,
}

impl Queues {
    fn open(
        me: &str,
        options: &options::Master,
    ) -> Result<Self, Box<dyn Error>> {
        if let Some(queue) = &options.queue {
            let farm = engine::create(me, queue, options)?;
            let header = format!("queues on {}", engine::name(queue)?);
            return Ok(Self { farm, header, host: None });
        }
        let farm = Local::new(Some(options.lease));
        let stopped = farm.clone();
        ctrlc::set_handler(move || stopped.stop())?;
        let (listen, key) = (&options.listen, options.key.clone());
        let logged = me.to_string();
        let log = move |event| {
            if let ServerEvent::Refused { peer, error, .. } = event {
                println!("{logged}: {peer}: {error}");
            }
        };
        let host = Host::open(farm, listen, key, belongs, log);
        let host = host.map_err(|error| format!("{listen}: {error}"))?;
        let header = format!("listens on {}", host.address());
        let farm = Box::new(host.farm());
        Ok(Self { farm, header, host: Some(host) })
    }

    fn close(self) {
        if let Some(host) = self.host {
            host.close(GOODBYE);
        }
    }
}

/// Whether this can be the result of that task: `3411 * 3411 = ...`, or a
/// worker's word that it is not a number.
fn belongs(task: &Value, result: &Value) -> bool {
    let Some(result) = result.as_str() else {
        return false;
    };
    let n = task.to_string();
    result.starts_with(&format!("{n} * {n} = "))
        || result == format!("{n} is not a number")
}

/// A text as it is, other values as Python shows them.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

/// Says how far it has come, once a second at the most, when there is news.
struct Progress {
    all: usize,
    /// One line that changes: on a terminal, when no other lines come.
    bar: bool,
    next: Instant,
    told: String,
}

impl Progress {
    fn start(all: usize, quiet: bool) -> Self {
        let next = Instant::now() + at_pace(1.0);
        let bar = quiet && io::stdout().is_terminal();
        Self { all, bar, next, told: String::new() }
    }

    fn time_left(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    fn tell(
        &mut self,
        me: &str,
        farm: &mut dyn Farm,
    ) -> Result<Option<Status>, farm::Error> {
        if !self.time_left().is_zero() {
            return Ok(None);
        }
        self.next = Instant::now() + at_pace(1.0);
        let it = farm.status()?;
        let (all, now, workers) = (self.all, it.done, it.workers);
        let news =
            format!("{now} of {all} done, {} out, workers: {workers}", it.out);
        if news != self.told {
            self.show(me, &news, now);
            self.told = news;
        }
        Ok(Some(it))
    }

    fn show(&self, me: &str, news: &str, now: usize) {
        if !self.bar {
            return println!("{me}: {news}");
        }
        let done = "#".repeat(BAR * now.min(self.all) / self.all.max(1));
        print!("\r\x1b[K{me}: [{done:.<BAR$}] {news}");
        let _ = io::stdout().flush();
    }
}

/// How many characters the bar has.
const BAR: usize = 20;

/// What comes next has a line of its own.
impl Drop for Progress {
    fn drop(&mut self) {
        if self.bar && !self.told.is_empty() {
            println!();
        }
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
