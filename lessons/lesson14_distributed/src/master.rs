//! The master: tasks out, results in.

use std::collections::BTreeMap;
use std::error::Error;
use std::process;
use std::time::Duration;

use pymanagers::{Key, Value};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use shared::timeline;
use task_farm::{
    Done, FarmServer, JobOwner, JobSettings, MemoryJob, Report, Task,
    create_job,
};

use crate::options::{ADDRESS, KEY_VARIABLE, MASTER, Options, TIME};
use crate::progress::{Progress, print_summary};

pub fn master(args: &[String]) -> Result<(), Box<dyn Error>> {
    let mut master = Master::open(&Options::read(MASTER, args)?)?;
    master.put_tasks()?;
    master.collect()?;
    master.close()?; // The workers exit.
    exit();
    Ok(())
}

/// A master at work.
pub struct Master {
    me: String,
    tasks: u64,
    random: StdRng,
    quiet: bool,
    job: Box<dyn JobOwner>,
    /// Where workers find it, if the job is in this process.
    pub address: Option<String>,
    /// The tasks without a result.
    missing: BTreeMap<u64, Task>,
}

// ANCHOR: collect
impl Master {
    pub fn put_tasks(&mut self) -> Result<(), task_farm::Error> {
        for id in 0..self.tasks {
            let n: i64 = self.random.random_range(0..=10_000);
            if !self.quiet {
                println!("{}: Put task {n}...", self.me);
            }
            self.missing.insert(id, Task { id, body: n.into() });
        }
        self.put_missing()?;
        println!("{}: Try get results...", self.me);
        Ok(())
    }

    /// Each task's first result, until none is missing.
    pub fn collect(&mut self) -> Result<(), Box<dyn Error>> {
        let mut progress = Progress::start(self.tasks);
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
                // Most often the results are on their way: nothing is new.
                let lost = self.put_missing()?;
                if lost > 0 {
                    println!("{}: {lost} tasks were lost: put again", self.me);
                }
            }
        }
        Ok(print_summary(&self.me, &mut *self.job)?)
    }

    fn take(&mut self, report: Report) -> Result<(), String> {
        let me = &self.me;
        match report {
            Report::Done(Done { task, result }) => {
                let Some(task) = self.missing.remove(&task) else {
                    return Ok(());
                };
                self.check(&task, &result)?;
                if !self.quiet {
                    println!("{me}: Result: {}", result.to_text());
                }
            }
            Report::Failed { task, why } => {
                if let Some(task) = self.missing.remove(&task) {
                    let why = Value::from(why).to_text();
                    println!("{me}: Failed: task {}: {why}", task.body);
                }
            }
            Report::Unmatched(value) => {
                println!("{me}: Result of some task: {}", value.to_text());
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
    /// How many of them the job did not know.
    fn put_missing(&mut self) -> Result<usize, task_farm::Error> {
        let tasks: Vec<_> = self.missing.values().cloned().collect();
        self.job.put(&tasks)
    }

    /// An engine remembers what was put under this job's name before.
    fn check(&self, task: &Task, result: &Value) -> Result<(), String> {
        let is_other = task_of(result).is_some_and(|body| body != task.body);
        if self.address.is_none() && is_other {
            return Err(format!(
                "task {} has the result of another task: this job has other \
                 tasks; take their --seed, or another --job, or clear it",
                task.id
            ));
        }
        Ok(())
    }

    fn stopped(&self, why: task_farm::Error) -> String {
        let tasks = self.tasks;
        let done = tasks - self.missing.len() as u64;
        match why {
            task_farm::Error::Failed(why) => why,
            why => format!("{why} with {done} of {tasks} results"),
        }
    }

    /// Opens the job: in this process, for workers on the network, or on an
    /// engine.
    pub fn open(options: &Options) -> Result<Self, Box<dyn Error>> {
        let me = format!("master ({})", process::id());
        let tasks = options.number("tasks", 10, 0..=u64::MAX)?;
        let seed = options.number("seed", rand::random(), 0..=u64::MAX)?;
        let lease = options.number("lease", 60.0, TIME)?;
        let lease = Duration::from_secs_f64(lease);
        let tries = options.number("tries", 5, 1..=u32::MAX)?;
        let replicas = options.number("replicas", 1, 1..=5)?;
        let (job, address): (Box<dyn JobOwner>, _) = match options.job()? {
            Some(it) => {
                let settings = JobSettings { lease, tries, replicas };
                let job = create_job(&it.url, &options.key()?, settings)?;
                println!("{me}: queues on {}", it.place);
                (job, None)
            }
            None => {
                let job = MemoryJob::new(Some(lease)).tries(tries);
                let server = serve(&me, options, job)?;
                let address = server.address().to_string();
                println!("{me}: listens on {address}");
                (Box::new(server), Some(address))
            }
        };
        ctrlc::set_handler(job.stopper())?;
        if let Some(warning) = job.warning() {
            eprintln!("{me}: warning: {warning}");
        }
        let random = StdRng::seed_from_u64(seed);
        let quiet = options.has("quiet");
        let missing = BTreeMap::new();
        Ok(Self { me, tasks, random, quiet, job, address, missing })
    }

    /// Lets the workers leave, and waits for that, but not forever.
    pub fn close(mut self) -> Result<(), task_farm::Error> {
        self.job.close()
    }
}

pub fn exit() {
    println!("master ({}): master exit.", process::id());
}

fn serve(
    me: &str,
    options: &Options,
    job: MemoryJob,
) -> Result<FarmServer, String> {
    let address = options.text("listen").unwrap_or(ADDRESS);
    let key = options.key()?;
    if key.is_empty() {
        return Err(format!(
            "{address} is open to other programs: it needs a key (--authkey, \
             --authkey-file or {KEY_VARIABLE})"
        ));
    }
    let me = me.to_string();
    let server = FarmServer::builder(job)
        .task_of(task_of)
        .log(move |event| println!("{me}: {event}"))
        .open(address, Key::from(key));
    server.map_err(|error| format!("{address}: {error}"))
}

/// The task that a result names: `3411 * 3411 = ...`, or a worker's word that
/// it is not a number.
fn task_of(result: &Value) -> Option<Value> {
    let (n, rest) = result.as_str()?.split_once(' ')?;
    let square = format!("* {n} = ");
    let names = rest.starts_with(&square) || rest == "is not a number";
    n.parse::<i64>().ok().filter(|_| names).map(Value::from)
}
