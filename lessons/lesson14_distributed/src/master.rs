//! The master: tasks out, results in.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process;
use std::time::{Duration, Instant};

use pymanagers::{Key, Value};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use shared::clock::at_pace;
use shared::timeline;
use task_farm::{
    Done, FarmEvent, FarmServer, JobOwner, JobSettings, MemoryJob, Report,
    Stats, Task, create_job,
};

use crate::options;

pub fn master(args: &[String]) -> Result<(), Box<dyn Error>> {
    let mut master = Master::open(options::Master::read(args)?)?;
    master.put_tasks()?;
    master.collect()?;
    master.close()?; // The workers hear that they may leave.
    master.exit();
    Ok(())
}

/// A master at work.
pub struct Master {
    me: String,
    options: options::Master,
    job: Box<dyn JobOwner>,
    /// The job's server, when the job is in this process.
    server: Option<FarmServer>,
    /// The tasks without a result.
    missing: BTreeMap<u64, Task>,
}

// ANCHOR: collect
impl Master {
    pub fn put_tasks(&mut self) -> Result<(), task_farm::Error> {
        let Self { me, options, .. } = self;
        let seed = options.seed.unwrap_or_else(rand::random);
        let mut random = StdRng::seed_from_u64(seed);
        for id in 0..options.tasks {
            let n: i64 = random.random_range(0..=10_000);
            if !options.quiet {
                println!("{me}: Put task {n}...");
            }
            self.missing.insert(id, Task { id, body: n.into() });
        }
        let tasks: Vec<_> = self.missing.values().cloned().collect();
        self.job.put(&tasks)?;
        println!("{}: Try get results...", self.me);
        Ok(())
    }

    /// Each task's first result, until none is missing.
    pub fn collect(&mut self) -> Result<(), Box<dyn Error>> {
        let mut progress =
            Progress::start(self.missing.len(), self.options.quiet);
        while !self.missing.is_empty() {
            let waiting = timeline::waiting("waits for results");
            let reports = self.job.collect(progress.time_left());
            drop(waiting);
            for report in reports.map_err(|why| self.stopped(why))? {
                self.take(report)?;
            }
            let stats = progress.tell(&self.me, &mut *self.job);
            if let Some(stats) = stats.map_err(|why| self.stopped(why))?
                && stats.waiting + stats.leased == 0
            {
                self.put_again()?;
            }
        }
        drop(progress);
        Ok(summary(&self.me, &mut *self.job)?)
    }

    fn take(&mut self, report: Report) -> Result<(), String> {
        let me = &self.me;
        match report {
            Report::Done(Done { task, result }) => {
                let Some(task) = self.missing.remove(&task) else {
                    return Ok(());
                };
                self.check(&task, &result)?;
                if !self.options.quiet {
                    println!("{me}: Result: {}", text(&result));
                }
            }
            Report::Failed { task, why } => {
                if let Some(task) = self.missing.remove(&task) {
                    let why = text(&why.into());
                    println!("{me}: Failed: task {}: {why}", task.body);
                }
            }
            Report::Unmatched(value) => {
                println!("{me}: Result of some task: {}", text(&value));
            }
            Report::Settled(tasks) => {
                self.missing.retain(|id, _| !tasks.contains(id));
            }
        }
        Ok(())
    }
}
// ANCHOR_END: collect

impl Master {
    /// An engine remembers what was put under this job's name before.
    fn check(&self, task: &Task, result: &Value) -> Result<(), String> {
        let is_its_own = task_of(result).is_none_or(|body| body == task.body);
        if self.options.queue.is_none() || is_its_own {
            return Ok(());
        }
        Err(format!(
            "task {} has the result of another task: this job has other \
             tasks; take their --seed, or another --job, or clear it",
            task.id
        ))
    }

    fn stopped(&self, why: task_farm::Error) -> String {
        let tasks = self.options.tasks;
        let done = tasks - self.missing.len() as u64;
        match why {
            task_farm::Error::Failed(why) => why,
            why => format!("{why} with {done} of {tasks} results"),
        }
    }

    /// No worker has these tasks. Most often their results are on their way,
    /// and then nothing is put.
    fn put_again(&mut self) -> Result<(), task_farm::Error> {
        let tasks: Vec<_> = self.missing.values().cloned().collect();
        let lost = self.job.put(&tasks)?;
        if lost > 0 {
            println!("{}: {lost} tasks were lost: put again", self.me);
        }
        Ok(())
    }

    /// Opens the job: in this process, for workers on the network, or on an
    /// engine.
    pub fn open(options: options::Master) -> Result<Self, Box<dyn Error>> {
        let me = format!("master ({})", process::id());
        let (job, server, header) = match &options.queue {
            Some(queue) => {
                let job = create_job(
                    &queue.url,
                    &queue.key,
                    JobSettings {
                        lease: options.lease,
                        tries: options.tries,
                        replicas: options.replicas,
                    },
                )?;
                (job, None, format!("queues on {queue}"))
            }
            None => {
                let job = MemoryJob::new(Some(options.lease));
                let job = job.tries(options.tries);
                let server = serve(&me, &options, job.clone())?;
                let header = format!("listens on {}", server.address());
                (Box::new(job) as Box<dyn JobOwner>, Some(server), header)
            }
        };
        ctrlc::set_handler(job.stopper())?;
        if let Some(warning) = job.warning() {
            eprintln!("{me}: warning: {warning}");
        }
        println!("{me}: {header}");
        let missing = BTreeMap::new();
        Ok(Self { me, options, job, server, missing })
    }

    /// Where workers find it.
    pub fn address(&self) -> Option<String> {
        self.server.as_ref().map(|server| server.address().to_string())
    }

    /// Waits until the workers have left, but not forever.
    pub fn close(&mut self) -> Result<(), task_farm::Error> {
        self.job.close()?;
        if let Some(server) = self.server.take() {
            server.close(GOODBYE);
        }
        Ok(())
    }

    pub fn exit(self) {
        println!("{}: master exit.", self.me);
    }
}

/// A master that fails lets its workers know why.
impl Drop for Master {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.close(GOODBYE);
        }
    }
}

/// How long workers may take to hang up.
const GOODBYE: Duration = Duration::from_secs(5);

fn serve(
    me: &str,
    options: &options::Master,
    job: MemoryJob,
) -> Result<FarmServer, String> {
    let logged = me.to_string();
    let log = move |event| match event {
        FarmEvent::Refused { peer, error, count: 1 } => {
            println!("{logged}: {peer}: {error}");
        }
        FarmEvent::Refused { peer, error, count } => {
            println!("{logged}: {peer}: {error} ({count} times)");
        }
        FarmEvent::AcceptFailed(error) => {
            println!("{logged}: no more workers can connect: {error}");
        }
        FarmEvent::Duplicate(peer, _, result) => {
            let result = text(&result);
            println!("{logged}: {peer}: second result dropped: {result}");
        }
        FarmEvent::Unmatched(..) => {} // The master reports it.
    };
    let builder = FarmServer::builder(job).task_of(task_of).log(log);
    let key = Key::from(&options.key[..]);
    let listen = &options.listen;
    builder.open(listen, key).map_err(|error| format!("{listen}: {error}"))
}

/// The task that a result names: `3411 * 3411 = ...`, or a worker's word that
/// it is not a number.
fn task_of(result: &Value) -> Option<Value> {
    let (n, rest) = result.as_str()?.split_once(' ')?;
    let square = format!("* {n} = ");
    let names = rest.starts_with(&square) || rest == "is not a number";
    n.parse::<i64>().ok().filter(|_| names).map(Value::from)
}

/// A text without quotes, other values as Python shows them; what would drive
/// a terminal is escaped.
fn text(value: &Value) -> String {
    let shown = value.to_string();
    match value.as_str() {
        Some(_) => shown[1..shown.len() - 1].to_string(),
        None => shown,
    }
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
        job: &mut dyn JobOwner,
    ) -> Result<Option<Stats>, task_farm::Error> {
        if !self.time_left().is_zero() {
            return Ok(None);
        }
        self.next = Instant::now() + at_pace(1.0);
        let it = job.stats()?;
        let (all, now, workers) = (self.all, it.done, it.workers);
        let news = format!(
            "{now} of {all} done, {} out, workers: {workers}",
            it.leased
        );
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

fn summary(me: &str, job: &mut dyn JobOwner) -> Result<(), task_farm::Error> {
    let it = job.stats()?;
    let (tasks, workers) = (it.done, it.workers_seen);
    let (again, dropped) = (it.redelivered, it.duplicates);
    let speed = it.done as f64 / it.busy.as_secs_f64().max(1e-9);
    let failed = match it.failed {
        0 => String::new(),
        failed => format!("failed: {failed}, "),
    };
    println!(
        "{me}: tasks: {tasks}, workers seen: {workers}, {failed}given out \
         again: {again}, results dropped: {dropped}, tasks a second: {speed:.1}"
    );
    Ok(())
}
