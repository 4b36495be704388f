//! The table of all tasks: what a worker can do.

use std::io;

use process_pool::ErasedTask;
use shared::timeline;

use crate::{apply, crashes, gate, map, threads};

// ANCHOR: worker
/// All that a worker can do: it finds a task by its name.
static TASKS: &[&dyn ErasedTask] = &[
    &apply::LONG_TIME_TASK,
    &apply::EIGHT_TO_20,
    &apply::SLOW_SQUARE,
    &apply::DIVIDE,
    &map::SQUARE,
    &map::LAST_FIRST,
    &map::WHO,
    &map::QUICK_OR_SLOW,
    &map::TINY,
    &gate::WAIT_AT_GATE,
    &crashes::POISON,
    &threads::COUNT_UP,
    &threads::PRIMES,
];

/// A child in this role is a worker.
pub fn worker(args: &[String]) -> io::Result<()> {
    timeline::lane(&format!("Worker-{}", args.concat()));
    match process_pool::serve(TASKS)? {}
}
// ANCHOR_END: worker
