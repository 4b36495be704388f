//! What can happen at the same time.

use std::hint::black_box;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use shared::clock::{Stopwatch, pace, thread_cpu_seconds};
use shared::timeline;

use crate::ask::{ask, ask_async};
use crate::strategies::{in_sequence, in_tasks, in_threads};
use shared::server::Server;

// ANCHOR: compute_while_waiting
/// One thread computes while another one waits for a server.
pub fn compute_while_waiting() -> io::Result<()> {
    let server = Server::start("delay", &["0.3", "1"])?;
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
    let server = Server::start("delay", &["0.5", "1"])?;
    let next = AtomicUsize::new(1);
    let name = |kind| format!("{kind}-{}", next.fetch_add(1, Relaxed));
    println!("In sequence:");
    in_sequence(3, &|| watched("main", server.port))?;
    println!("In three threads:");
    in_threads(3, 3, &|| watched(&name("Thread"), server.port))?;
    println!("In three tasks, and one thread:");
    next.store(1, Relaxed);
    in_tasks(3, 3, async || {
        let me = name("Task");
        println!("{me} asks");
        timeline::lane(&format!("main: {me}")); // They share a thread.
        let waiting = timeline::waiting("waits");
        let answer = ask_async(server.port).await;
        drop(waiting);
        println!("{me} has its answer");
        answer
    })?;
    Ok(())
}

fn watched(me: &str, port: u16) -> io::Result<usize> {
    timeline::lane(me);
    println!("{me} asks");
    let waiting = timeline::waiting("waits");
    let answer = ask(port);
    drop(waiting);
    println!("{me} has its answer");
    answer
}
