//! A worker: fetches tasks, does them, brings results.

use std::error::Error;
use std::process;

use pymanagers::Value;
use shared::clock::at_pace;
use shared::{nap, timeline};
use task_farm::{Worker, WorkerEvent};

use crate::options::{ADDRESS, Options, TIME, WORKER, value};

// ANCHOR: worker
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    shared::exit_when_parent_dies(); // It may be a child of the demo.
    let options = Options::read(WORKER, args)?;
    let name = options.text("name").unwrap_or("worker");
    let me = format!("{name} ({})", process::id());
    let address = options.text("connect").unwrap_or(ADDRESS).to_string();
    let (url, server, kind) = match options.job()? {
        Some(job) => (job.url, job.place, "queue"),
        None => (format!("tcp://{address}"), address, "master"),
    };
    let delay = options.number("delay", 1.0, TIME)?;
    let mut worker = Worker::connect(&url, &options.key()?)
        .batch(options.number("batch", 1, 0..=usize::MAX)?)
        .poll(at_pace(1.0))
        .tell(tell(&me, name, kind));
    if options.has("retry") {
        worker = worker.retry_every(at_pace(0.5));
    }
    for text in options.all("stop-at") {
        worker = worker.stop_at(value(text));
    }
    let stop = worker.stop_handle();
    ctrlc::set_handler(move || {
        if stop.is_asked() {
            process::exit(1); // Asked twice.
        }
        stop.stop();
    })?;
    println!("{me}: Connect to server {server}...");
    let speaker = me.clone();
    let lane = name.to_string();
    let quiet = options.has("quiet");
    worker.run_values(move |lease| {
        timeline::lane(&lane);
        Ok(run_task(&speaker, &lease.task.body, delay, quiet))
    })?;
    println!("{me}: worker exit.");
    Ok(())
}

fn run_task(me: &str, task: &Value, delay: f64, quiet: bool) -> Value {
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

/// The square as Python shows it; `None` for what is not a number.
fn square(number: &Value) -> Option<String> {
    match number {
        Value::Float(n) => Some(Value::Float(n * n).to_string()),
        Value::Bool(truth) => Some(u8::from(*truth).to_string()),
        _ => number.to_string().parse().ok().map(square_of_int),
    }
}

/// By halves, when it is too large for an integer of Rust.
fn square_of_int(n: i128) -> String {
    const HALF: u128 = 10_u128.pow(19);
    if let Some(square) = n.checked_mul(n) {
        return square.to_string();
    }
    let n = n.unsigned_abs();
    let high = n / HALF;
    let low = n % HALF;
    let last = low * low;
    let middle = 2 * high * low + last / HALF;
    let first = high * high + middle / HALF;
    format!("{first}{:019}{:019}", middle % HALF, last % HALF)
}

fn tell(
    me: &str,
    name: &str,
    kind: &'static str,
) -> impl FnMut(WorkerEvent<'_>) + use<> {
    let me = me.to_string();
    let name = name.to_string();
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
            println!("{me}: {why}; I wait for the {kind}");
        }
        WorkerEvent::Back => println!("{me}: the {kind} is back"),
        WorkerEvent::Released(n) => println!("{me}: tasks given back: {n}"),
    }
}
