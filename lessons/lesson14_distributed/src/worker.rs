//! A worker: fetches tasks, does them, brings results.

use std::error::Error;
use std::process;

use lesson14_distributed::farm::{self, Done, Farm, Loan, Remote};
use lesson14_distributed::managers::Value;
use shared::clock::at_pace;
use shared::{nap, timeline};

use crate::options;

// ANCHOR: worker
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    let options = options::Worker::read(args)?;
    timeline::lane(&options.name);
    let me = format!("{} ({})", options.name, process::id());
    println!("{me}: Connect to server {}...", options.connect);
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
        let loans = farm.exchange(&done, 1, at_pace(1.0))?;
        drop(waiting);
        if loans.is_empty() && farm.status()?.over {
            println!("{me}: task queue is empty.");
            return Ok(());
        }
        let finished = loans.into_iter().map(|loan| {
            let result = run_task(me, &loan, options);
            Done { task: loan.task.id, result }
        });
        done = finished.collect();
    }
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

fn connect_and_work(
    me: &str,
    options: &options::Worker,
    told: &mut String,
) -> Result<(), farm::Error> {
    let address = &options.connect;
    let remote = Remote::connect(address, &options.key);
    let mut remote = remote.map_err(|error| match error {
        farm::Error::Gone(why) => {
            farm::Error::Gone(format!("{address}: {why}"))
        }
        other => other,
    })?;
    if !std::mem::take(told).is_empty() {
        println!("{me}: the master is back");
    }
    work(me, &mut remote, options).map_err(|error| match error {
        farm::Error::Gone(why) => {
            farm::Error::Gone(format!("the master has gone: {why}"))
        }
        other => other,
    })
}
