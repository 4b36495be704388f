//! # Lesson 1: Process
//!
//! A program starts itself again as a child: a process with its own pid and
//! its own memory. Children run at the same time, take arguments, and exit
//! with a status. A child that crashes does not take down the others.
//!
//! Python: `p = multiprocessing.Process(target=run_child, args=('test',))`
//! Run: `cargo run -p lesson01_process`

mod class;
mod exitcode;
mod hello;
mod sing_dance;
mod status;
mod workers;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson01_process", "Process: start, wait, read the status")
        .part("hello", "start a child and wait for it", hello::hello)
        .part("workers", "three children at once", workers::workers)
        .part("class", "a type with a run method", class::class)
        .part("sing_dance", "in sequence, then at once", sing_dance::sing_dance)
        .part("exitcode", "six ways to end", exitcode::exitcode)
        .role("run_child", hello::run_child)
        .role("worker", workers::worker)
        .role("clock", class::clock)
        .role("sing", sing_dance::sing)
        .role("dance", sing_dance::dance)
        .role("ending", exitcode::ending)
        .run()
}
