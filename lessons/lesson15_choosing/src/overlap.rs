//! What can happen at the same time.

use std::hint::black_box;
use std::io;
use std::thread;

use async_executor::LocalExecutor;
use shared::clock::{Stopwatch, pace, thread_cpu_seconds};
use shared::timeline;

use crate::io::{ask, ask_async};
use crate::server::Server;

// ANCHOR: compute_while_waiting
/// One thread computes while another one waits for a server.
pub fn compute_while_waiting() -> io::Result<()> {
    let server = Server::start(0.3, 1)?;
    let watch = Stopwatch::start();
    compute();
    println!("Computing alone takes {watch} s");
    let watch = Stopwatch::start();
    ask(server.port)?;
    println!("Waiting alone takes {watch} s");
    let watch = Stopwatch::start();
    thread::scope(|s| {
        let waiting = s.spawn(|| ask(server.port));
        compute();
        waiting.join().unwrap()
    })?;
    println!("Both at once take {watch} s");
    Ok(())
}

/// Keeps a core busy for 0.3 seconds of CPU time at the normal pace.
fn compute() {
    let start = thread_cpu_seconds();
    while thread_cpu_seconds() - start < 0.3 * pace() {
        black_box((0..1000).map(black_box).sum::<u64>());
    }
}
// ANCHOR_END: compute_while_waiting

/// Three questions each, slow enough to watch the waiting.
pub fn slow_motion() -> io::Result<()> {
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

fn watched(me: &str, port: u16) -> io::Result<()> {
    timeline::lane(me);
    println!("{me} asks");
    let waiting = timeline::waiting("waits");
    ask(port)?;
    drop(waiting);
    println!("{me} has its answer");
    Ok(())
}
