//! Ten thousand tasks that wait in one thread.

use std::cell::Cell;
use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::thread::{self, ThreadId};

use async_executor::LocalExecutor;
use async_io::{Async, Timer};
use futures_lite::{AsyncReadExt, future};
use shared::clock::{Stopwatch, at_pace, cpu_seconds};
use shared::limits::allow_open_files;

use shared::server::Server;

/// Other open files of a process: its outputs, pipes, the poller.
const OTHERS: usize = 100;

// ANCHOR: ten_thousand
pub fn ten_thousand() -> io::Result<()> {
    let room = allow_open_files(10_000 + OTHERS)?;
    let tasks = room.saturating_sub(OTHERS);
    println!("Room for {room} open files: {tasks} tasks");
    // It answers no client before all are there, and one more.
    let server = &Server::start("delay", &["0", &(tasks + 1).to_string()])?;
    let waiting = &Cell::new(0);
    let executor = LocalExecutor::new();
    async_io::block_on(executor.run(async {
        let mut started = Vec::new();
        for _ in 0..tasks {
            let (client, _) = connect(server).await?;
            started.push(executor.spawn(wait_for_answer(client, waiting)));
        }
        while waiting.get() < tasks {
            future::yield_now().await;
        }
        let most = waiting.get();
        println!("{most} tasks wait for an answer");
        measure_idle().await;

        let (_last, held) = connect(server).await?; // It answers now.
        let watch = Stopwatch::start();
        let mut threads = HashSet::new();
        for task in started {
            threads.insert(task.await?);
        }
        println!("All of them have it, {watch} s after the last one came");
        println!("{most} waited at once, in {} thread", threads.len());
        println!("The server had held {held} connections");
        Ok(())
    }))
}
// ANCHOR_END: ten_thousand

// ANCHOR: wait_for_answer
/// A task: it waits for the end of the answer, and returns the thread that it
/// ran in.
async fn wait_for_answer(
    mut server: Async<TcpStream>,
    waiting: &Cell<usize>,
) -> io::Result<ThreadId> {
    waiting.set(waiting.get() + 1);
    let mut answer = String::new();
    server.read_to_string(&mut answer).await?;
    assert_eq!(answer, "done\n", "every client is answered");
    waiting.set(waiting.get() - 1);
    Ok(thread::current().id())
}
// ANCHOR_END: wait_for_answer

/// Connects to the server. Returns after its greeting, which says how many
/// clients there are.
async fn connect(server: &Server) -> io::Result<(Async<TcpStream>, usize)> {
    let address = (Ipv4Addr::LOCALHOST, server.port);
    let mut client = Async::<TcpStream>::connect(address).await?;
    let mut greeting = [0; 16];
    let length = client.read(&mut greeting).await?;
    let greeting = String::from_utf8_lossy(&greeting[..length]);
    // The last client may have its answer already.
    let number = greeting.lines().next().unwrap_or_default();
    Ok((client, number.parse().map_err(io::Error::other)?))
}

/// A second in which all of them wait.
async fn measure_idle() {
    let cpu = cpu_seconds();
    let watch = Stopwatch::start();
    Timer::after(at_pace(1.0)).await;
    let cpu = cpu_seconds() - cpu;
    println!("In {watch} s they use {cpu:.3} s of CPU");
    let threads = num_threads::num_threads().map_or(0, usize::from);
    println!("Threads of this process: {threads}");
}
