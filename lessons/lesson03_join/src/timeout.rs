//! Joins with a limit: of a process, and of a thread.

use std::io::{self, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use shared::clock::{Stopwatch, at_pace, cpu_seconds};
use shared::{exit_when_parent_dies, nap, timeline};
use wait_timeout::ChildExt;

pub fn timeout() -> io::Result<()> {
    of_a_process()?;
    of_a_thread();
    Ok(())
}

// ANCHOR: of_a_process
fn of_a_process() -> io::Result<()> {
    let mut child = shared::child("patient", [""; 0])?;
    let mut child = child.stdin(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    join(&mut child, 1.0)?;
    writeln!(stdin, "I have waited")?; // It does not end before.
    join(&mut child, 60.0)?;
    Ok(())
}

/// Waits for the child, but for `limit` seconds at the most.
fn join(child: &mut Child, limit: f64) -> io::Result<()> {
    let watch = Watch::start(limit);
    let ended = child.wait_timeout(at_pace(limit))?;
    watch.stop("process", ended.is_none());
    Ok(())
}

/// The child's part of it.
pub fn patient(_: &[String]) -> io::Result<()> {
    exit_when_parent_dies();
    let _span = timeline::working("works");
    io::stdin().read_line(&mut String::new())?;
    nap(1.5);
    Ok(())
}
// ANCHOR_END: of_a_process

// ANCHOR: of_a_thread
fn of_a_thread() {
    let (tell, told) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    let thread = thread::spawn(move || {
        timeline::lane("Thread-1");
        let _end = end; // Dropped when the thread ends, however it ends.
        let _span = timeline::working("works");
        told.recv().unwrap();
        nap(1.5);
    });
    join_thread(&ended, 1.0);
    tell.send(()).unwrap(); // It does not end before.
    join_thread(&ended, 60.0);
    thread.join().unwrap();
}

/// Waits until nobody can send any more, but for `limit` seconds at the most.
fn join_thread(ended: &Receiver<()>, limit: f64) {
    let watch = Watch::start(limit);
    let end = ended.recv_timeout(at_pace(limit));
    watch.stop("thread", end == Err(RecvTimeoutError::Timeout));
}
// ANCHOR_END: of_a_thread

/// Measures a join: how long it takes, and how much of it is work.
struct Watch {
    limit: f64,
    real: Stopwatch,
    cpu: f64,
    _span: timeline::Span,
}

impl Watch {
    fn start(limit: f64) -> Self {
        let _span = timeline::waiting(&format!("join({limit})"));
        Self { limit, real: Stopwatch::start(), cpu: cpu_seconds(), _span }
    }

    fn stop(self, what: &str, is_alive: bool) {
        let Self { limit, real, .. } = self;
        let cpu = cpu_seconds() - self.cpu;
        let is = if is_alive { "is alive" } else { "is not alive" };
        println!("join({limit}): {real} s, {cpu:.2} s CPU, the {what} {is}");
    }
}
