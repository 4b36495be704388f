//! A worker: fetches tasks, does them, brings results.

use std::error::Error;
use std::process;

use pymanagers::Value;
use shared::clock::at_pace;
use shared::{nap, timeline};
use task_farm::{Lease, Worker, WorkerEvent};

use crate::options;

// ANCHOR: worker
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    let options = options::Worker::read(args)?;
    let me = format!("{} ({})", options.name, process::id());
    let mut worker = Worker::connect(&options.url, &options.key)
        .batch(options.batch)
        .poll(at_pace(1.0))
        .tell(tell(me.clone(), &options));
    if options.retry {
        worker = worker.retry_every(at_pace(0.5));
    }
    for value in &options.stop_at {
        worker = worker.stop_at(value.clone());
    }
    let stop = worker.stop_handle();
    ctrlc::set_handler(move || {
        if stop.is_asked() {
            process::exit(1); // Asked twice.
        }
        stop.stop();
    })?;
    println!("{me}: Connect to server {}...", options.server);
    let (name, quiet) = (options.name.clone(), options.quiet);
    let speaker = me.clone();
    worker.run_values(move |lease| {
        timeline::lane(&name);
        Ok(run_task(&speaker, lease, options.delay, quiet))
    })?;
    println!("{me}: worker exit.");
    Ok(())
}

fn run_task(me: &str, lease: &Lease, delay: f64, quiet: bool) -> Value {
    let task = &lease.task.body;
    let Some(square) = square(task) else {
        let what = format!("{task} is not a number");
        println!("{me}: {what}");
        return what.into();
    };
    let _span = timeline::working(&format!("{task} * {task}"));
    if !quiet {
        println!("{me}: run task {task} * {task}...");
    }
    nap(delay);
    format!("{task} * {task} = {square}").into()
}
// ANCHOR_END: worker

fn square(task: &Value) -> Option<String> {
    match task {
        Value::Int(n) => Some((i128::from(*n) * i128::from(*n)).to_string()),
        Value::Bool(truth) => Some(u8::from(*truth).to_string()),
        Value::Float(n) => Some(Value::Float(n * n).to_string()),
        Value::Long(_) => square_of_digits(&task.to_string()),
        _ => None,
    }
}

/// The square of an `int` of any length, as one learns it at school.
fn square_of_digits(text: &str) -> Option<String> {
    let digits = text.trim_start_matches('-').chars().rev();
    let digits = digits.map(|digit| digit.to_digit(10).map(u64::from));
    let digits: Vec<_> = digits.collect::<Option<_>>()?;
    let mut product = vec![0; 2 * digits.len()];
    for (i, a) in digits.iter().enumerate() {
        for (j, b) in digits.iter().enumerate() {
            product[i + j] += a * b;
        }
    }
    for at in 0..product.len() - 1 {
        product[at + 1] += product[at] / 10;
        product[at] %= 10;
    }
    let text: String = product.iter().rev().map(u64::to_string).collect();
    Some(text.trim_start_matches('0').into())
}

/// Says what the worker has to say.
fn tell(
    me: String,
    options: &options::Worker,
) -> impl FnMut(WorkerEvent<'_>) + use<> {
    let (name, server) = (options.name.clone(), options.kind);
    let mut waiting = None;
    move |event| match event {
        WorkerEvent::Asks => {
            timeline::lane(&name);
            waiting = Some(timeline::waiting("waits for a task"));
        }
        WorkerEvent::Got(_) => drop(waiting.take()),
        WorkerEvent::Closed => println!("{me}: task queue is empty."),
        WorkerEvent::Waits(why) => {
            drop(waiting.take());
            println!("{me}: {why}; I wait for the {server}");
        }
        WorkerEvent::Back => println!("{me}: the {server} is back"),
        WorkerEvent::Released(tasks) => {
            println!("{me}: tasks given back: {tasks}");
        }
    }
}
