//! The same waiting, five ways.

use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;

use async_executor::LocalExecutor;
use async_io::Async;
use futures_lite::AsyncReadExt;
use shared::clock::at_pace;
use shared::{exit_when_parent_dies, timeline};

use crate::server::Server;
use crate::strategies;
use crate::strategies::{
    Done, in_processes, in_rayon, in_sequence, in_tasks, in_threads,
};
use crate::table::Table;

const JOBS: usize = 64;
const WORKERS: [usize; 4] = [1, 4, 16, 64];

// ANCHOR: io
pub fn io() -> io::Result<()> {
    slow_motion()?;
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
        table.row("processes", n, || in_processes(JOBS, n, "ask", &port))?;
    }
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
/// Asks the server, and waits for its answer. Returns how many waited then.
fn ask(port: u16) -> io::Result<usize> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut answer = String::new();
    server.read_to_string(&mut answer)?;
    how_many(&answer)
}

/// The same; but while it waits, its thread does something else.
async fn ask_async(port: u16) -> io::Result<usize> {
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

/// A child's share of it.
pub fn ask_in_turn(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    exit_when_parent_dies();
    let share = args[0].parse()?;
    let port = args[1].parse()?;
    strategies::print_report(&in_sequence(share, || ask(port))?);
    Ok(())
}

// ANCHOR: slow_motion
/// Three questions each, slow enough to watch who waits.
fn slow_motion() -> io::Result<()> {
    let server = Server::start(0.5, 1)?;
    println!("In sequence:");
    for _ in 0..3 {
        watched("main", server.port)?;
    }
    println!("In three threads:");
    thread::scope(|s| {
        let threads = [1, 2, 3].map(|k| {
            s.spawn(move || watched(&format!("Thread-{k}"), server.port))
        });
        threads.into_iter().try_for_each(|thread| thread.join().unwrap())
    })?;
    println!("In three tasks, and one thread:");
    let executor = LocalExecutor::new();
    let tasks =
        [1, 2, 3].map(|k| executor.spawn(watched_async(k, server.port)));
    async_io::block_on(executor.run(async {
        for task in tasks {
            task.await?;
        }
        Ok(())
    }))
}

async fn watched_async(k: usize, port: u16) -> io::Result<()> {
    let me = format!("Task-{k}");
    println!("{me} asks");
    timeline::lane(&format!("main: {me}")); // They share a thread.
    let waiting = timeline::waiting("waits");
    ask_async(port).await?;
    drop(waiting);
    println!("{me} has its answer");
    Ok(())
}
// ANCHOR_END: slow_motion

fn watched(me: &str, port: u16) -> io::Result<()> {
    timeline::lane(me);
    println!("{me} asks");
    let waiting = timeline::waiting("waits");
    ask(port)?;
    drop(waiting);
    println!("{me} has its answer");
    Ok(())
}
