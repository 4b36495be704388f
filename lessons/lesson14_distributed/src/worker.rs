//! A worker: fetches tasks, does them, brings results.

use std::error::Error;
use std::process;
use std::time::{Duration, Instant};

use lesson14_distributed::farm::{self, Done, Farm, Loan, Remote};
use lesson14_distributed::managers::Value;
use shared::clock::at_pace;
use shared::{nap, timeline};

use crate::{engine, options};

// ANCHOR: worker
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    let options = options::Worker::read(args)?;
    timeline::lane(&options.name);
    let me = format!("{} ({})", options.name, process::id());
    println!("{me}: Connect to server {}...", server(&options));
    let mut told = String::new();
    loop {
        let why = match connect_and_work(&me, &options, &mut told) {
            Ok(()) => break,
            Err(farm::Error::Failed(why)) => return Err(why.into()),
            Err(gone_or_stopped) => gone_or_stopped.to_string(),
        };
        if !options.retry {
            return Err(why.into());
        }
        if why != told {
            println!("{me}: {why}; I wait for the master");
            told = why;
        }
        nap(0.5);
    }
    println!("{me}: worker exit.");
    Ok(())
}

/// Works until there is no task left, and none can come back.
fn work(
    me: &str,
    farm: &mut dyn Farm,
    options: &options::Worker,
) -> Result<(), farm::Error> {
    let mut done = Vec::new();
    loop {
        let waiting = timeline::waiting("waits for a task");
        let loans = farm.exchange(&done, options.batch, at_pace(1.0))?;
        drop(waiting);
        if loans.is_empty() && farm.status()?.over {
            println!("{me}: task queue is empty.");
            return Ok(());
        }
        done = run_all(me, farm, &loans, options)?;
    }
}

fn run_all(
    me: &str,
    farm: &mut dyn Farm,
    loans: &[Loan],
    options: &options::Worker,
) -> Result<Vec<Done>, farm::Error> {
    let (mut done, mut renewed) = (Vec::new(), Instant::now());
    for loan in loans {
        if renewed.elapsed() > RENEW {
            farm.renew(loans)?; // The whole batch is still with us.
            renewed = Instant::now();
        }
        let result = run_task(me, loan, options);
        done.push(Done { task: loan.task.id, result });
    }
    Ok(done)
}

fn run_task(me: &str, loan: &Loan, options: &options::Worker) -> Value {
    let Some(n) = loan.task.body.as_int() else {
        let what = format!("{} is not a number", loan.task.body);
        println!("{me}: {what}");
        return what.into();
    };
    let _span = timeline::working(&format!("{n} * {n}"));
    if !options.quiet {
        println!("{me}: run task {n} * {n}...");
    }
    nap(options.delay);
    format!("{n} * {n} = {}", i128::from(n) * i128::from(n)).into()
}
// ANCHOR_END: worker

/// How often loans are renewed while their batch is at work.
const RENEW: Duration = Duration::from_millis(250);

fn server(options: &options::Worker) -> String {
    let queue = options.queue.as_ref();
    queue.map_or_else(|| options.connect.clone(), engine::name)
}

fn connect_and_work(
    me: &str,
    options: &options::Worker,
    told: &mut String,
) -> Result<(), farm::Error> {
    let mut farm = match &options.queue {
        Some(queue) => engine::open(queue)?,
        None => connect(options)?,
    };
    if !std::mem::take(told).is_empty() {
        println!("{me}: the master is back");
    }
    work(me, &mut *farm, options).map_err(|error| match error {
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
