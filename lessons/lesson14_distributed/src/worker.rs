//! A worker: fetches tasks, does them, brings results.

use std::error::Error;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{mem, process};

use lesson14_distributed::farm::{self, Done, Farm, Loan, Remote};
use pymanagers::Value;
use shared::clock::at_pace;
use shared::timeline;

use crate::{engine, options};

// ANCHOR: worker
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    let options = options::Worker::read(args)?;
    timeline::lane(&options.name);
    let me = format!("{} ({})", options.name, process::id());
    let server = server(&options)?;
    if options.queue.is_some() {
        STOP.on_signals()?;
    }
    println!("{me}: Connect to server {server}...");
    let mut link = Link::default();
    loop {
        let why = match connect_and_work(&me, &options, &mut link) {
            Ok(()) => break,
            Err(farm::Error::Failed(why)) => return Err(why.into()),
            Err(farm::Error::Stopped) if STOP.is_asked() => {
                return Err("the worker was stopped".into());
            }
            Err(why) => why,
        };
        if !options.retry || STOP.is_asked() {
            return Err(why.to_string().into());
        }
        if options.queue.is_none() || matches!(why, farm::Error::Cleared(_)) {
            (link.farm, link.done) = (None, Vec::new());
        }
        let why = why.to_string();
        if why != link.told {
            println!("{me}: {why}; I wait for the {}", whom(&options));
            link.told = why;
        }
        STOP.nap(0.5);
    }
    println!("{me}: worker exit.");
    Ok(())
}

/// What outlives a time without a master or without an engine.
#[derive(Default)]
struct Link {
    /// Why we wait; it has been said.
    told: String,
    /// That on an engine finds its servers again.
    farm: Option<Box<dyn Farm>>,
    /// What is done and not handed in.
    done: Vec<Done>,
}

/// Works until there is no task left, and none can come back.
fn work(
    me: &str,
    farm: &mut dyn Farm,
    options: &options::Worker,
    told: &mut String,
    done: &mut Vec<Done>,
) -> Result<(), farm::Error> {
    while !STOP.is_asked() {
        let waiting = timeline::waiting("waits for a task");
        let loans = farm.exchange(done, options.batch, at_pace(1.0))?;
        drop(waiting);
        done.clear();
        if !mem::take(told).is_empty() {
            println!("{me}: the {} is back", whom(options));
        }
        if loans.is_empty() && farm.status()?.over {
            println!("{me}: task queue is empty.");
            return Ok(());
        }
        run_all(me, farm, &loans, options, done)?;
    }
    farm.finish(done)?;
    Err(farm::Error::Stopped)
}

fn run_all(
    me: &str,
    farm: &mut dyn Farm,
    loans: &[Loan],
    options: &options::Worker,
    done: &mut Vec<Done>,
) -> Result<(), farm::Error> {
    let mut renewed = Instant::now();
    for (at, loan) in loans.iter().enumerate() {
        if renewed.elapsed() > RENEW {
            farm.renew(loans)?; // The whole batch is still with us.
            renewed = Instant::now();
        }
        let Some(result) = run_task(me, loan, options) else {
            println!("{me}: tasks given back: {}", loans.len() - at);
            return farm.give_back(&loans[at..]);
        };
        done.push(Done { task: loan.task.id, result });
    }
    Ok(())
}

/// `None` when the worker is stopped before the task is done.
fn run_task(me: &str, loan: &Loan, options: &options::Worker) -> Option<Value> {
    let Some(n) = loan.task.body.as_int() else {
        let what = format!("{} is not a number", loan.task.body);
        println!("{me}: {what}");
        return Some(what.into());
    };
    let _span = timeline::working(&format!("{n} * {n}"));
    if !options.quiet {
        println!("{me}: run task {n} * {n}...");
    }
    if STOP.nap(options.delay) {
        return None;
    }
    Some(format!("{n} * {n} = {}", i128::from(n) * i128::from(n)).into())
}
// ANCHOR_END: worker

/// How often loans are renewed while their batch is at work.
const RENEW: Duration = Duration::from_millis(250);

/// Set by Ctrl-C, when our queues are on an engine. A master sees that we hang
/// up, and has our tasks back at once; an engine would wait for their lease.
static STOP: Stop = Stop { asked: Mutex::new(false), changed: Condvar::new() };

struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn on_signals(&'static self) -> Result<(), ctrlc::Error> {
        ctrlc::set_handler(|| {
            if mem::replace(&mut *self.asked.lock().unwrap(), true) {
                process::exit(1); // Asked twice: without a word to anybody.
            }
            self.changed.notify_all();
        })
    }

    fn is_asked(&self) -> bool {
        *self.asked.lock().unwrap()
    }

    /// As [`shared::nap`], but it ends when we are asked to; whether we are.
    fn nap(&self, seconds: f64) -> bool {
        let (asked, time) = (self.asked.lock().unwrap(), at_pace(seconds));
        let wait = |asked: &mut bool| !*asked;
        *self.changed.wait_timeout_while(asked, time, wait).unwrap().0
    }
}

/// How lines name it; an error when this build knows no such server.
fn server(options: &options::Worker) -> Result<String, Box<dyn Error>> {
    match &options.queue {
        Some(queue) => engine::name(queue),
        None => Ok(options.connect.clone()),
    }
}

fn whom(options: &options::Worker) -> &'static str {
    if options.queue.is_some() { "queue" } else { "master" }
}

fn connect_and_work(
    me: &str,
    options: &options::Worker,
    link: &mut Link,
) -> Result<(), farm::Error> {
    let Link { told, farm, done } = link;
    let farm = match farm {
        Some(farm) => farm,
        None => farm.insert(match &options.queue {
            Some(queue) => engine::open(queue)?,
            None => connect(options)?,
        }),
    };
    work(me, &mut **farm, options, told, done).map_err(|error| match error {
        farm::Error::Gone(why) if options.queue.is_none() => {
            farm::Error::Gone(format!("the master has gone: {why}"))
        }
        other => other,
    })
}

fn connect(options: &options::Worker) -> Result<Box<dyn Farm>, farm::Error> {
    let address = &options.connect;
    match Remote::connect(address, &options.key) {
        Ok(remote) => Ok(Box::new(remote)),
        Err(farm::Error::Gone(why)) => {
            Err(farm::Error::Gone(format!("{address}: {why}")))
        }
        Err(other) => Err(other),
    }
}
