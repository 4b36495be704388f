//! # Lesson 15: Choosing
//!
//! The same computing and the same waiting, in sequence, in threads, in
//! processes, with rayon and in async tasks, measured. What it costs to create
//! each, and to pass the turn. Then ten thousand tasks wait in one thread.
//!
//! Python: `threading`, `multiprocessing`, `asyncio`
//! Run: `cargo run -p lesson15_choosing`

mod cpu;
mod create;
mod io;
mod limits;
mod server;
mod strategies;
mod switch;
mod table;
mod ten_thousand;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    let many = ten_thousand::ten_thousand;
    Lesson::new("lesson15_choosing", "Choosing: process, thread or task")
        .part("cpu", "the same computing, five ways", cpu::cpu)
        .part("io", "the same waiting, five ways", io::io)
        .part("create", "what it costs to start one", create::create)
        .part("switch", "what it costs to pass the turn", switch::switch)
        .part("ten_thousand", "10000 tasks wait in one thread", many)
        .role("compute", cpu::compute)
        .role("ask", io::ask_in_turn)
        .role("stay", create::stay)
        .role("pass_on", switch::pass_on)
        .role("serve", server::serve)
        .run()
}
