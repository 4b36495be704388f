//! A pool that is ended at once, a worker that is killed, a task that kills.

use std::error::Error;
use std::process;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_pool::{Task, WorkerDeath};
use shared::clock::Stopwatch;
use shared::{nap, timeline};

use crate::gate::{Gate, WAIT_AT_GATE};
use crate::map::SQUARE;
use crate::start::{builder, start_pool};

// ANCHOR: terminate
pub fn terminate() -> Result<(), Box<dyn Error>> {
    let pool = start_pool(2)?;
    let pids = pool.pids();
    println!("4 tasks of 30 seconds on 2 workers: {pids:?}");
    let (gate, port) = Gate::bind()?;
    let submit = |_| pool.apply_async(&WAIT_AT_GATE, (port, 30.0));
    let tasks = (0..4).map(submit).collect::<Result<Vec<_>, _>>()?;
    gate.accept()?; // One has begun.
    nap(0.5);
    let watch = Stopwatch::start();
    pool.terminate();
    pool.join()?;
    println!("Terminated after {watch} seconds");
    pids.into_iter().for_each(timeline::process_exited);
    for (i, task) in tasks.into_iter().enumerate() {
        println!("Task {i}: {}", task.get().expect_err("it was terminated"));
    }
    killed()
}
// ANCHOR_END: terminate

/// Ends the worker's process, and that of the next worker that runs it.
pub const POISON: Task<u32, u32> = Task::new("poison", |n| {
    let _span = timeline::working("poison");
    process::exit(n as i32)
});

// ANCHOR: killed
/// A worker is killed from outside, then a task kills one after the other.
fn killed() -> Result<(), Box<dyn Error>> {
    let report = |death: &WorkerDeath| {
        println!("{death}");
        timeline::process_exited(death.pid);
    };
    let pool = builder().size(2).on_death(report).build()?;
    let (gate, port) = Gate::bind()?;
    let task = pool.apply_async(&WAIT_AT_GATE, (port, 1.0))?;
    let (victim, at_gate) = gate.accept()?;
    nap(0.5);
    println!("Worker {victim} is at work: kill -9 {victim}");
    kill(Pid::from_raw(victim as i32), Signal::SIGKILL)?;
    drop(at_gate);
    gate.accept()?; // It runs again.
    println!("Done by worker {}", task.get()?);

    let poison = pool.apply_async(&POISON, 7)?;
    println!("poison: {}", poison.get().expect_err("it kills"));
    println!("The pool goes on: {:?}", pool.map(&SQUARE, 0..10, 1)?);
    pool.close();
    Ok(pool.join()?)
}
// ANCHOR_END: killed
