//! Joins with a timeout: of a process, and of a thread.

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
    writeln!(stdin, "finish")?; // The child does not exit before.
    join(&mut child, 60.0)?;
    Ok(())
}

/// Waits until the child has exited, for at most `timeout` seconds.
fn join(child: &mut Child, timeout: f64) -> io::Result<()> {
    let watch = Watch::start(timeout);
    let status = child.wait_timeout(at_pace(timeout))?;
    watch.stop("process", status.is_none());
    Ok(())
}

/// What the child runs.
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
    let (finish_tx, finish_rx) = mpsc::channel();
    let (alive_tx, alive_rx) = mpsc::channel();
    let thread = thread::spawn(move || {
        timeline::lane("Thread-1");
        let _alive = alive_tx; // Dropped when the thread ends, or panics.
        let _span = timeline::working("works");
        finish_rx.recv().unwrap();
        nap(1.5);
    });
    join_thread(&alive_rx, 1.0);
    finish_tx.send(()).unwrap(); // The thread does not end before.
    join_thread(&alive_rx, 60.0);
    thread.join().unwrap();
}

/// Waits until the sender is dropped, for at most `timeout` seconds.
fn join_thread(alive: &Receiver<()>, timeout: f64) {
    let watch = Watch::start(timeout);
    let end = alive.recv_timeout(at_pace(timeout));
    watch.stop("thread", end == Err(RecvTimeoutError::Timeout));
}
// ANCHOR_END: of_a_thread

/// Measures how long a join takes, and how much CPU time it uses.
struct Watch {
    timeout: f64,
    real: Stopwatch,
    cpu: f64,
    _span: timeline::Span,
}

impl Watch {
    fn start(timeout: f64) -> Self {
        let _span = timeline::waiting(&format!("join({timeout})"));
        let real = Stopwatch::start();
        Self { timeout, real, cpu: cpu_seconds(), _span }
    }

    fn stop(self, what: &str, is_alive: bool) {
        let Self { timeout, real, .. } = self;
        let cpu = cpu_seconds() - self.cpu;
        let is = if is_alive { "is alive" } else { "is not alive" };
        println!("join({timeout}): {real} s, {cpu:.2} s CPU, the {what} {is}");
    }
}
