//! # Lesson 6: Process queue
//!
//! Processes share no memory, so they send messages. A queue carries whole
//! items between several processes, a pipe carries bytes between two. Then
//! memory that processes do share, and what it takes to use it.
//!
//! Python: `q = multiprocessing.Queue()`
//! Run: `cargo run -p lesson06_process_queue`

#[cfg(unix)]
mod counter;
#[cfg(unix)]
mod full;
#[cfg(unix)]
mod pipes;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod queue;
#[cfg(unix)]
mod queue_demo;
#[cfg(unix)]
mod shared_memory_steps;
#[cfg(unix)]
mod writers_readers;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    let title = "Queue, Pipe and shared memory between processes";
    shared::Lesson::new("lesson06_process_queue", title)
        .part("queue", "items from process to process", queue_demo::queue)
        .part("drain", "join a child before its items are read", full::drain)
        .part("pipe", "two ends, and what happens there", pipes::pipe)
        .part("shared_memory", "one counter, four processes", counter::counter)
        .schedule(&shared_memory_steps::SHARED_MEMORY)
        .role("write", queue_demo::write)
        .role("read", queue_demo::read)
        .role("put_many", writers_readers::put_many)
        .role("take_share", writers_readers::take_share)
        .role("answer", pipes::answer)
        .role("leave", pipes::leave)
        .role("one_byte_more", full::one_byte_more)
        .role("read_and_write", counter::read_and_write)
        .role("in_one_step", counter::in_one_step)
        .role("steps", shared_memory_steps::steps)
        .run()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    shared::unix_only("lesson06_process_queue", "lesson13_producer_consumer")
}
