//! # Lesson 15: Choosing
//!
//! CPU-bound and I/O-bound work in sequence, in threads, in processes, in both,
//! with rayon and in async tasks, measured. What it costs to create each one,
//! to switch, and to serve a connection. Then ten thousand tasks wait in one
//! thread.
//!
//! Python: `threading`, `multiprocessing`, `asyncio`
//! Run: `cargo run -p lesson15_choosing`

mod cpu;
mod create;
mod delay;
mod event_loop;
mod files;
#[cfg(unix)]
mod forking;
mod io;
mod overlap;
mod server;
mod strategies;
mod switch;
mod table;
mod ten_thousand;
mod web;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    let many = ten_thousand::ten_thousand;
    Lesson::new("lesson15_choosing", "Choosing: process, thread or task")
        .part("cpu", "CPU-bound: the same computing", cpu::cpu)
        .part("io", "I/O-bound: the same waiting", io::io)
        .part("create", "what it costs to start one", create::create)
        .part("switch", "what it costs to pass the turn", switch::switch)
        .part("server", "a process, a thread or a task each", web::server)
        .part("ten_thousand", "10000 tasks wait in one thread", many)
        .role("compute", cpu::compute)
        .role("ask", io::ask_in_turn)
        .role("stay", create::stay)
        .role("pass_on", switch::pass_on)
        .role("delay", delay::serve)
        .role("web", web::serve)
        .run()
}
