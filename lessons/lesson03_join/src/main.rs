//! # Lesson 3: join
//!
//! To join is to wait until a process or a thread has ended, with or without a
//! timeout. A Rust thread dies when `main` returns, so a program that needs its
//! work must join it.
//!
//! Python: `p.join()`, `p.join(timeout)`, `t.join()`
//! Run: `cargo run -p lesson03_join`

mod no_join;
mod process;
mod threads;
mod timeout;
mod two_processes;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson03_join", "join: wait for the end")
        .part("process", "a daemon child, and a join", process::process)
        .part(
            "two_processes",
            "what the clock says with a join",
            two_processes::two_processes,
        )
        .part("timeout", "a join with a timeout", timeout::timeout)
        .part("no_join", "main prints End before its threads", no_join::no_join)
        .part("threads", "main prints End after its threads", threads::threads)
        .role("worker", process::worker)
        .role("task", two_processes::task)
        .role("patient", timeout::patient)
        .run()
}
