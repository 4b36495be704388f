//! A thousand workers at one queue. Some die with tasks in hand, some freeze
//! and come back too late, some give their tasks back.
//!
//! The queue is the master's own, `Local`, and the workers are real threads;
//! only the network between them is missing.

use std::error::Error;
use std::ops::Add;
use std::process;
use std::thread;
use std::time::Instant;

use lesson14_distributed::farm::{self, Done, Farm, Loan, Local, Task};
use lexopt::{Arg, Parser, ValueExt};
use shared::clock::{at_pace, pace};
use shared::nap;

/// Seconds: what a task takes, how long a loan lasts, and how long it takes
/// until there is another worker for one that has died.
const TASK: f64 = 0.5;
const LEASE: f64 = 2.0;
const REPLACED: f64 = 1.0;

/// How many tasks a worker takes at once.
const BATCH: usize = 2;

/// Enough for what a worker does; with the usual 2 MiB a thousand of them
/// would reserve 2 GiB.
const STACK: usize = 256 << 10;

// ANCHOR: simulation
pub fn simulation(args: &[String]) -> Result<(), Box<dyn Error>> {
    let (workers, tasks) = read(args)?;
    let me = format!("simulation ({})", process::id());
    println!("{me}: {workers} workers, {tasks} tasks of {TASK} s");
    let mut farm = Local::new(Some(at_pace(LEASE)));
    let task = |id| Task { id, body: (id as i64).into() };
    farm.put(&(0..tasks).map(task).collect::<Vec<_>>())?;
    let start = Instant::now();
    let count = thread::scope(|s| {
        let worker = |_| {
            let farm = &farm;
            let builder = thread::Builder::new().stack_size(STACK);
            builder.spawn_scoped(s, || live(farm))
        };
        let started: Vec<_> = (0..workers).map(worker).collect();
        let collected = collect(&me, &mut farm.clone(), tasks);
        farm.clone().close()?; // The workers hear that they may leave.
        let mut all = Count::default();
        for worker in started {
            all = all + worker?.join().unwrap()?;
        }
        collected.map(|()| all).map_err(Box::<dyn Error>::from)
    })?;
    sum_up(&me, &mut farm, &count, tasks)?;
    let took = start.elapsed().as_secs_f64() / pace();
    let rounds = tasks as f64 / workers as f64;
    println!("{me}: {took:.1} s; {:.1} s with no failure", rounds * TASK);
    Ok(())
}

/// A worker, and after its death another one in its place.
fn live(farm: &Local) -> Result<Count, farm::Error> {
    let mut count = Count::default();
    while !work(&mut farm.clone(), &mut count)? {
        nap(REPLACED);
    }
    Ok(count)
}

/// Whether it has come to the end of the job, and has not died before.
fn work(farm: &mut Local, count: &mut Count) -> Result<bool, farm::Error> {
    let mut done = Vec::new();
    loop {
        let loans = farm.exchange(&done, BATCH, at_pace(1.0))?;
        done.clear();
        if loans.is_empty() && farm.status()?.over {
            return Ok(true);
        }
        count.lent += loans.len();
        match loans.iter().map(fate).max().unwrap_or(Fate::Works) {
            Fate::Dies => {
                count.died += 1;
                count.lost += loans.len();
                return Ok(false); // It tells nobody.
            }
            Fate::GivesBack => {
                farm.give_back(&loans)?;
                count.given_back += loans.len();
                continue;
            }
            Fate::Freezes => {
                nap(2.0 * LEASE);
                count.froze += 1;
            }
            Fate::Works => nap(TASK * loans.len() as f64),
        }
        count.brought += loans.len();
        let square = |loan: &Loan| {
            let n = loan.task.body.as_int().unwrap_or_default();
            Done { task: loan.task.id, result: (n * n).into() }
        };
        done.extend(loans.iter().map(square));
    }
}
// ANCHOR_END: simulation

/// What happens to whoever has a task; the worst of a batch does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Works,
    GivesBack,
    Freezes,
    Dies,
}

/// Of a hundred tasks two are their worker's end, two freeze it, and two are
/// given back, the first time. One in five hundred is another worker's end.
fn fate(loan: &Loan) -> Fate {
    match (loan.task.id % 50, loan.tried) {
        (7, 1) => Fate::Dies,
        (7, 2) if loan.task.id % 500 == 7 => Fate::Dies,
        (23, 1) => Fate::Freezes,
        (41, 1) => Fate::GivesBack,
        _ => Fate::Works,
    }
}

/// What has happened to workers, and to the tasks that they had.
#[derive(Clone, Copy, Default)]
struct Count {
    lent: usize,
    brought: usize,
    lost: usize,
    given_back: usize,
    died: usize,
    froze: usize,
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            lent: self.lent + other.lent,
            brought: self.brought + other.brought,
            lost: self.lost + other.lost,
            given_back: self.given_back + other.given_back,
            died: self.died + other.died,
            froze: self.froze + other.froze,
        }
    }
}

fn read(args: &[String]) -> Result<(usize, u64), lexopt::Error> {
    let (mut workers, mut tasks) = (1_000, 10_000);
    let mut parser = Parser::from_args(args);
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
fn collect(me: &str, farm: &mut Local, tasks: u64) -> Result<(), String> {
    let mut missing = vec![true; tasks as usize];
    let (mut left, mut told) = (tasks, Instant::now());
    while left > 0 {
        let done = farm.collect(at_pace(0.5)).map_err(|e| e.to_string())?;
        for Done { task, result } in done {
            let is_first = std::mem::take(&mut missing[task as usize]);
            if !is_first || result.as_int() != Some((task * task) as i64) {
                return Err(format!("task {task} has a second result"));
            }
            left -= 1;
        }
        if told.elapsed() > at_pace(1.0) {
            told = Instant::now();
            let it = farm.status().map_err(|error| error.to_string())?;
            let (done, out) = (it.done, it.out);
            println!("{me}: {done} of {tasks} done, {out} out");
        }
    }
    Ok(())
}

/// What the queue has counted, and what its workers have, are the same.
fn sum_up(
    me: &str,
    farm: &mut Local,
    count: &Count,
    tasks: u64,
) -> Result<(), Box<dyn Error>> {
    let Count { lent, brought, lost, given_back, died, froze } = *count;
    let it = farm.status()?;
    println!("{me}: workers that died: {died}, with {lost} tasks in hand");
    println!("{me}: froze: {froze}, tasks given back: {given_back}");
    let (again, dropped) = (it.again, it.dropped);
    println!("{me}: given out again: {again}, results dropped: {dropped}");
    let all_lent = tasks as usize + again == lent;
    let all_back = lent == brought + lost + given_back;
    if !all_lent || !all_back || it.done + dropped != brought {
        return Err(format!("{lent} lent, {brought} brought: no sum").into());
    }
    println!("{me}: {} results, each once: nothing is lost", it.done);
    Ok(())
}
