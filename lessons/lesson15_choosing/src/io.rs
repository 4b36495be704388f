//! I/O-bound work, in several ways.

use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpStream};

use async_io::Async;
use futures_lite::AsyncReadExt;
use shared::clock::at_pace;
use shared::exit_when_parent_dies;

use crate::done::{Done, print_report};
use crate::files::files;
use crate::overlap::{compute_while_waiting, slow_motion};
use crate::server::Server;
use crate::strategies::{
    in_processes, in_rayon, in_sequence, in_tasks, in_threads,
};
use crate::table::Table;

const JOBS: usize = 64;
const WORKERS: [usize; 4] = [1, 4, 16, 64];

// ANCHOR: io
pub fn io() -> io::Result<()> {
    slow_motion()?;
    compute_while_waiting()?;
    files()?;
    let server = Server::start(0.004, 1)?;
    let port = server.port;
    let millis = at_pace(4.0).as_secs_f64();
    println!("{JOBS} questions to a server that takes {millis:.1} ms");
    let mut table = Table::new("at once", most_at_once);
    table.row("sequence", 1, || in_sequence(JOBS, || ask(port)))?;
    for n in WORKERS {
        table.row("threads", n, || in_threads(JOBS, n, || ask(port)))?;
    }
    for n in WORKERS {
        let port = port.to_string();
        table.row("processes", n, || in_processes(JOBS, n, 1, "ask", &port))?;
    }
    // Four processes of sixteen threads each.
    let both = || in_processes(JOBS, 4, 16, "ask", &port.to_string());
    table.row("both", 64, both)?;
    for n in WORKERS {
        table.row("rayon", n, || in_rayon(JOBS, n, || ask(port)))?;
    }
    for n in WORKERS {
        let ask = async || ask_async(port).await;
        table.row("tasks", n, || in_tasks(JOBS, n, ask))?;
    }
    Ok(())
}
// ANCHOR_END: io

// ANCHOR: ask
/// Asks the server and waits for its answer. Returns how many clients waited.
pub fn ask(port: u16) -> io::Result<usize> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut answer = String::new();
    server.read_to_string(&mut answer)?;
    how_many(&answer)
}

/// The same, but while it waits, its thread does something else.
pub async fn ask_async(port: u16) -> io::Result<usize> {
    let server = (Ipv4Addr::LOCALHOST, port);
    let mut server = Async::<TcpStream>::connect(server).await?;
    let mut answer = String::new();
    server.read_to_string(&mut answer).await?;
    how_many(&answer)
}
// ANCHOR_END: ask

fn how_many(answer: &str) -> io::Result<usize> {
    let (greeting, rest) = answer.split_once('\n').unwrap_or_default();
    let number = greeting.parse().ok().filter(|_| rest == "done\n");
    number.ok_or_else(|| io::Error::other(format!("no answer: {answer:?}")))
}

fn most_at_once(done: &[Done]) -> usize {
    done.iter().map(|done| done.result).max().unwrap_or_default()
}

/// A child's share: how many jobs, in how many threads, and the port.
pub fn ask_in_turn(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    exit_when_parent_dies();
    let port = args[2].parse()?;
    let ask = || ask(port);
    print_report(&in_threads(args[0].parse()?, args[1].parse()?, ask)?);
    Ok(())
}
