//! What the workers can do, and the documents' two programs with a pool.

use std::io;
use std::process;

use shared::clock::{Stopwatch, at_pace};
use shared::{nap, task, timeline};

use crate::pool::{self, Error, Named, Pool, Task};
use crate::{crashes, many, threads};

// ANCHOR: worker
/// All that a worker can do. It knows a task by its name.
static TASKS: &[&dyn Named] = &[
    &LONG_TIME_TASK,
    &EIGHT_TO_20,
    &SLOW_SQUARE,
    &DIVIDE,
    &many::SQUARE,
    &many::LAST_FIRST,
    &many::WHO,
    &many::QUICK_OR_SLOW,
    &many::TINY,
    &crashes::KNOCK,
    &crashes::POISON,
    &threads::COUNT_UP,
    &threads::PRIMES,
];

/// A child in this role is a worker.
pub fn worker(args: &[String]) -> io::Result<()> {
    timeline::lane(&format!("Worker-{}", args.concat()));
    pool::serve(TASKS)
}
// ANCHOR_END: worker

const EIGHT_TO_20: Task<u32, u64> = Task::new("eight_to_20", eight_to_20);

/// The documents' computation, which sleeps for two seconds.
fn eight_to_20(i: u32) -> u64 {
    println!("Current process: {} task {i}", process::id());
    task::long_time_task()
}

// ANCHOR: sequential
pub fn sequential() -> Result<(), Error> {
    println!("This is the parent process: {}", process::id());
    let watch = Stopwatch::start();
    for i in [1, 2] {
        println!("Result: {}", eight_to_20(i));
    }
    println!("One after the other: {watch} seconds");

    let watch = Stopwatch::start();
    let pool = Pool::new(2)?;
    let results = pool.map_async(&EIGHT_TO_20, [1, 2], 1)?;
    println!("Waiting for all subprocesses done...");
    for result in results.get()? {
        println!("Result: {result}");
    }
    pool.close();
    pool.join()?;
    println!("In two processes: {watch} seconds");
    Ok(())
}
// ANCHOR_END: sequential

// ANCHOR: processes
const LONG_TIME_TASK: Task<u32, ()> =
    Task::new("long_time_task", |i| long_time_task(i, process::id()));

pub fn long_time_task(i: u32, who: impl std::fmt::Display) {
    println!("Run task {i} ({who})...");
    let watch = Stopwatch::start();
    let span = timeline::working(&format!("task {i}"));
    nap(1.0);
    drop(span);
    println!("Task {i} runs {watch} seconds.");
}

pub fn processes() -> Result<(), Error> {
    println!("Parent process {}.", process::id());
    let pool = Pool::new(4)?;
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

/// Takes as long as the parent's door is shut.
const SLOW_SQUARE: Task<(u32, u16), u32> =
    Task::new("slow_square", |(n, port)| {
        let _span = timeline::working("slow_square");
        crashes::wait_at_the_door(port);
        n * n
    });

const DIVIDE: Task<(u32, u32), u32> = Task::new("divide", |(a, b)| a / b);

// ANCHOR: results
/// A handle for each task, a callback for those who would rather be told, and
/// what the pool refuses.
fn results() -> Result<(), Error> {
    let pool = Pool::new(2)?;
    let early = pool.join().expect_err("there may be more to do");
    println!("join before close: {early}");

    let (door, port) = crashes::shut_door()?;
    let square = pool.apply_async(&SLOW_SQUARE, (12, port))?;
    println!("12 * 12 at once: ready is {}", square.ready());
    let not_yet = square.get_timeout(at_pace(0.5)).expect_err("it waits");
    println!("12 * 12 after half a second: {not_yet}");
    drop(door); // Now it may go on.
    println!("Result: 12 * 12 = {}", square.get()?);

    let failed = pool.apply_async(&DIVIDE, (12, 0))?;
    println!("12 / 0: {}", failed.get().expect_err("nobody can"));

    let told = |square: &u32| {
        println!("Callback in process {}: {square}", process::id());
    };
    let square = pool.apply_async_then(&many::SQUARE, 13, told)?;
    println!("Result: 13 * 13 = {}", square.get()?);
    pool.close();
    let late = pool.apply_async(&many::SQUARE, 14);
    println!("A task after close: {}", late.err().expect("it is closed"));
    pool.join()
}
// ANCHOR_END: results
