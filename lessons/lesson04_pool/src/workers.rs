//! The table of all tasks: what a worker can do.

use std::io;

use process_pool::ErasedTask;
use shared::timeline;

use crate::{apply, cores, crashes, gate, map, sizes};

// ANCHOR: worker
/// All that a worker can do: it finds a task by its name.
static TASKS: &[&dyn ErasedTask] = &[
    &apply::LONG_TIME_TASK,
    &apply::SLOW_SQUARE,
    &apply::DIVIDE,
    &sizes::RANDOM_TASK,
    &sizes::ONE_SECOND,
    &map::SQUARE,
    &map::LAST_FIRST,
    &map::TINY,
    &map::WHO,
    &map::SHORT_OR_SLOW,
    &gate::WAIT_AT_GATE,
    &crashes::POISON,
    &cores::PRIMES,
];

/// A child in this role is a worker.
pub fn worker(args: &[String]) -> io::Result<()> {
    timeline::lane(&format!("Worker-{}", args.concat()));
    match process_pool::serve(TASKS)? {}
}
// ANCHOR_END: worker
