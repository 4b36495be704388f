//! What it costs to create a task, a thread, a process: time and memory.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader};
use std::process;
use std::sync::{Mutex, mpsc};
use std::thread;

use async_executor::LocalExecutor;
use futures_lite::future;
use shared::clock::Stopwatch;
use shared::measure::{Series, growth_each, kib_with_children};

use crate::sizes;

// ANCHOR: create
/// Starts so many at once, and calls the closure when all of them are there.
type Start = fn(usize, &mut dyn FnMut()) -> io::Result<()>;

pub fn create() -> io::Result<()> {
    println!("kind       at once  microseconds each (spread)  KiB each");
    for (kind, most, start) in [
        ("tasks", 10_000, tasks as Start),
        ("threads", 1000, threads),
        ("processes", 1000, processes),
    ] {
        for n in sizes(&[1, 10, 100, 1000, 10_000], most) {
            let mut kib = String::new();
            let each = Series::of(|| measure(n, start, &mut kib))?;
            println!("{kind:<9}  {n:>7}  {each:>26.2}  {kib:>8}");
        }
    }
    Ok(())
}

/// Microseconds each until all of them are there, and the KiB of each then.
fn measure(n: usize, start: Start, kib: &mut String) -> io::Result<f64> {
    let memory = || kib_with_children(process::id());
    let before = memory();
    let mut seconds = 0.0;
    let watch = Stopwatch::start();
    start(n, &mut || {
        seconds = watch.seconds();
        if kib.is_empty() {
            *kib = growth_each(before, memory(), n); // Later it is used again.
        }
    })?;
    Ok(seconds / n as f64 * 1e6)
}
// ANCHOR_END: create

// ANCHOR: tasks
/// Starts `n` tasks. All of them stay until the last one has started.
fn tasks(n: usize, all_here: &mut dyn FnMut()) -> io::Result<()> {
    let here = &Cell::new(0);
    let executor = LocalExecutor::new();
    let stay = async || {
        here.set(here.get() + 1);
        future::pending::<()>().await;
    };
    let _tasks: Vec<_> = (0..n).map(|_| executor.spawn(stay())).collect();
    while executor.try_tick() {} // Until none of them can go on.
    all_here();
    assert_eq!(here.get(), n, "all of them are there at once");
    Ok(())
}

/// The same with threads.
fn threads(n: usize, all_here: &mut dyn FnMut()) -> io::Result<()> {
    let gate = &Mutex::new(());
    let (here, is_here) = mpsc::channel();
    thread::scope(|s| {
        let _guard = gate.lock().unwrap();
        for _ in 0..n {
            let here = here.clone();
            thread::Builder::new().spawn_scoped(s, move || {
                here.send(()).unwrap();
                drop(gate.lock().unwrap());
            })?;
        }
        is_here.iter().take(n).count();
        all_here();
        let all = num_threads::num_threads().is_none_or(|all| all.get() > n);
        assert!(all, "all of them are there at once");
        Ok(())
    })
}

/// The same with processes: this program again.
fn processes(n: usize, all_here: &mut dyn FnMut()) -> io::Result<()> {
    let (input, line) = io::pipe()?;
    let (is_here, here) = io::pipe()?;
    let mut children = Vec::new();
    for _ in 0..n {
        let mut child = shared::child("stay", [""; 0])?;
        child.stdin(input.try_clone()?).stdout(here.try_clone()?);
        children.push(child.spawn()?);
    }
    drop(here);
    let pids = BufReader::new(is_here).lines().take(n);
    let pids = pids.collect::<io::Result<HashSet<_>>>()?;
    all_here();
    assert_eq!(pids.len(), n, "all of them are there at once");
    drop(line);
    children.iter_mut().try_for_each(|child| child.wait().map(drop))
}

/// The child reports that it has started, and stays until its input ends.
pub fn stay(_: &[String]) -> io::Result<()> {
    println!("{}", process::id());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
// ANCHOR_END: tasks
