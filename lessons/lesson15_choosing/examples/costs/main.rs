//! # What a task, a thread and a process cost
//!
//! To create one, to pass the turn to it, and to serve a connection with it.
//!
//! Python: `python3 lessons/lesson15_choosing/costs.py`
//! Run: `cargo run -p lesson15_choosing --example costs`

mod create;
mod event_loop;
#[cfg(unix)]
mod forking;
mod servers;
mod switch;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use shared::Lesson;
use shared::clock::pace;

fn main() -> ExitCode {
    let name = "lesson15_choosing --example costs";
    Lesson::new(name, "What a task, a thread and a process cost")
        .part("create", "what it costs to start one", create::create)
        .part("switch", "what it costs to pass the turn", switch::switch)
        .part("server", "a process, a thread or a task each", servers::server)
        .role("stay", create::stay)
        .role("pass_on", switch::pass_on)
        .role("serve", servers::serve)
        .run()
}

/// Those up to `most`. Fewer at a quick pace.
fn sizes(wanted: &[usize], most: usize) -> impl Iterator<Item = usize> {
    let most = (most as f64 * pace().min(1.0)).max(10.0) as usize;
    wanted.iter().copied().filter(move |&n| n <= most)
}

// ANCHOR: answer
/// Greets the client, and waits until it has nothing more to say.
fn answer(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"hello\n")?;
    client.read_to_end(&mut Vec::new())?;
    Ok(())
}
// ANCHOR_END: answer
