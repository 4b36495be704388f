//! # Lesson 4: Pool
//!
//! A few worker processes are started once, and many tasks go through them.
//! A task is a function with a name; its arguments and its result travel as
//! bytes. A worker that dies costs no task: the pool starts another one.
//!
//! Python: `p = Pool(4); p.apply_async(long_time_task, args=(i,))`
//! Run: `cargo run -p lesson04_pool`

#[cfg(unix)]
mod apply;
#[cfg(unix)]
mod cores;
#[cfg(unix)]
mod crashes;
#[cfg(unix)]
mod gate;
#[cfg(unix)]
mod map;
#[cfg(unix)]
mod sequential;
#[cfg(unix)]
mod sizes;
#[cfg(unix)]
mod start;
#[cfg(unix)]
mod workers;

use std::process::ExitCode;

#[cfg(unix)]
use sequential::sequential;

#[cfg(unix)]
fn main() -> ExitCode {
    shared::Lesson::new("lesson04_pool", "Pool: many tasks, a few workers")
        .part("sequential", "two long tasks, two processes", sequential)
        .part("processes", "four workers, five tasks", apply::processes)
        .part("random", "the default size, random tasks", sizes::random)
        .part("sizes", "five tasks on 5, 4 and 3 workers", sizes::sizes)
        .part("map", "many tasks, in order and in chunks", map::map)
        .part("terminate", "ended, killed, poisoned", crashes::terminate)
        .part("cores", "tasks that compute, on your cores", cores::cores)
        .role(start::ROLE, workers::worker)
        .role("long_task", sequential::child)
        .run()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    shared::unix_only("lesson04_pool", "lesson07_threads")
}
