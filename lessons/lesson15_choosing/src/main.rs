//! # Lesson 15: Choosing
//!
//! CPU-bound and I/O-bound work in sequence, in threads, in processes, in both
//! and in async tasks, measured. Then ten thousand tasks wait in one thread.
//!
//! Python: `threading`, `multiprocessing`, `asyncio`
//! Run: `cargo run -p lesson15_choosing`

mod ask;
mod cpu;
mod delay;
mod files;
mod io;
mod overlap;
mod strategies;
mod table;
mod ten_thousand;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    let many = ten_thousand::ten_thousand;
    Lesson::new("lesson15_choosing", "Choosing: process, thread or task")
        .part("cpu", "CPU-bound: the same computing", cpu::cpu)
        .part("io", "I/O-bound: the same waiting", io::io)
        .part("ten_thousand", "10000 tasks wait in one thread", many)
        .role("compute", cpu::compute)
        .role("ask", io::ask_in_turn)
        .role("delay", delay::serve)
        .run()
}
