//! `apply_async`: a task, and a handle to its result.

use std::process;

use process_pool::{Error, Task};
use shared::clock::{Stopwatch, at_pace};
use shared::{nap, timeline};

use crate::gate::{Gate, wait_at_gate};
use crate::map::SQUARE;
use crate::start::start_pool;

// ANCHOR: processes
pub const LONG_TIME_TASK: Task<u32, ()> =
    Task::new("long_time_task", long_time_task);

fn long_time_task(i: u32) {
    println!("Run task {i} ({})...", process::id());
    let watch = Stopwatch::start();
    let span = timeline::working(&format!("task {i}"));
    nap(1.0);
    drop(span);
    println!("Task {i} runs {watch} seconds.");
}

pub fn processes() -> Result<(), Error> {
    println!("Parent process {}.", process::id());
    let pool = start_pool(4)?;
    println!("The workers are there: {:?}", pool.pids());
    for i in 0..5 {
        pool.apply_async(&LONG_TIME_TASK, i)?;
    }
    println!("Waiting for all subprocesses done...");
    pool.close();
    pool.join()?;
    println!("All subprocesses done.");
    results()
}
// ANCHOR_END: processes

/// Waits until the parent opens its gate.
pub const SLOW_SQUARE: Task<(u32, u16), u32> =
    Task::new("slow_square", |(n, port)| {
        let _span = timeline::working("slow_square");
        wait_at_gate(port);
        n * n
    });

pub const DIVIDE: Task<(u32, u32), u32> = Task::new("divide", |(a, b)| a / b);

// ANCHOR: results
/// A handle for each task, a callback, and what the pool refuses.
fn results() -> Result<(), Error> {
    let pool = start_pool(2)?;
    let early = pool.join().expect_err("there may be more to do");
    println!("join before close: {early}");

    let (gate, port) = Gate::bind()?;
    let square = pool.apply_async(&SLOW_SQUARE, (12, port))?;
    println!("12 * 12 at once: ready is {}", square.ready());
    let not_yet = square.get_timeout(at_pace(0.5)).expect_err("it waits");
    println!("12 * 12 after half a second: {not_yet}");
    drop(gate); // Now the task may go on.
    println!("Result: 12 * 12 = {}", square.get()?);

    let failed = pool.apply_async(&DIVIDE, (12, 0))?;
    println!("12 / 0: {}", failed.get().expect_err("it panics"));

    let callback = |square: &u32| {
        println!("Callback in process {}: {square}", process::id());
    };
    let square = pool.apply_async(&SQUARE, 13)?.callback(callback);
    println!("Result: 13 * 13 = {}", square.get()?);
    pool.close();
    let late = pool.apply_async(&SQUARE, 14);
    println!("A task after close: {}", late.err().expect("it is closed"));
    pool.join()
}
// ANCHOR_END: results
