//! What it costs to create a task, a thread, a process: time and memory.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader};
use std::process::{self, Child};
use std::sync::{Mutex, mpsc};
use std::thread;

use async_executor::LocalExecutor;
use futures_lite::future;
use shared::clock::{Stopwatch, pace};

use crate::memory::{self, own_kib};
use crate::table::Series;

// ANCHOR: create
pub fn create() -> io::Result<()> {
    println!("kind       at once  microseconds each (spread)  KiB each");
    row("tasks", 10_000, tasks)?;
    row("threads", 1000, threads)?;
    row("processes", 1000, processes)
}

/// So many of one kind at once: one, ten, a hundred, up to `most`.
fn row(
    kind: &str,
    most: usize,
    create: fn(usize) -> io::Result<Cost>,
) -> io::Result<()> {
    for n in sizes(&[1, 10, 100, 1000, 10_000], most) {
        let mut kib = String::new();
        let each = Series::of(|| {
            let cost = create(n)?;
            kib = cost.kib_each;
            Ok(cost.seconds / n as f64 * 1e6)
        })?;
        println!("{kind:<9}  {n:>7}  {each:>26.2}  {kib:>8}");
    }
    Ok(())
}
// ANCHOR_END: create

/// Until all of them are there, and how much memory each one uses then.
struct Cost {
    seconds: f64,
    kib_each: String,
}

/// Those up to `most`. Fewer at a quick pace.
pub fn sizes(wanted: &[usize], most: usize) -> impl Iterator<Item = usize> {
    let most = (most as f64 * pace().min(1.0)).max(10.0) as usize;
    wanted.iter().copied().filter(move |&n| n <= most)
}

// ANCHOR: tasks
/// Starts `n` tasks. All of them stay until the last one has started.
fn tasks(n: usize) -> io::Result<Cost> {
    let before = own_kib();
    let here = &Cell::new(0);
    let executor = LocalExecutor::new();
    let watch = Stopwatch::start();
    let _stay: Vec<_> = (0..n)
        .map(|_| {
            executor.spawn(async {
                here.set(here.get() + 1);
                future::pending::<()>().await;
            })
        })
        .collect();
    future::block_on(executor.run(async {
        while here.get() < n {
            future::yield_now().await;
        }
        let seconds = watch.seconds();
        Ok(Cost { seconds, kib_each: memory::each(before, own_kib(), n) })
    }))
}

/// The same with threads.
fn threads(n: usize) -> io::Result<Cost> {
    let before = own_kib();
    let gate = &Mutex::new(());
    let (here, is_here) = mpsc::channel();
    thread::scope(|s| {
        let _guard = gate.lock().unwrap();
        let watch = Stopwatch::start();
        for _ in 0..n {
            let here = here.clone();
            thread::Builder::new().spawn_scoped(s, move || {
                here.send(()).unwrap();
                drop(gate.lock().unwrap());
            })?;
        }
        is_here.iter().take(n).count();
        let seconds = watch.seconds();
        let all = num_threads::num_threads().is_none_or(|all| all.get() > n);
        assert!(all, "all of them are there at once");
        Ok(Cost { seconds, kib_each: memory::each(before, own_kib(), n) })
    })
}

/// The same with processes: this program again.
fn processes(n: usize) -> io::Result<Cost> {
    let (input, line) = io::pipe()?;
    let (is_here, here) = io::pipe()?;
    let watch = Stopwatch::start();
    let mut children = Vec::new();
    for _ in 0..n {
        let mut child = shared::child("stay", [""; 0])?;
        child.stdin(input.try_clone()?).stdout(here.try_clone()?);
        children.push(child.spawn()?);
    }
    drop(here);
    let pids = BufReader::new(is_here).lines().take(n);
    let pids = pids.collect::<io::Result<HashSet<_>>>()?;
    let seconds = watch.seconds();
    assert_eq!(pids.len(), n, "all of them are there at once");
    let pids: Vec<_> = children.iter().map(Child::id).collect();
    let kib_each = memory::each(Some(0.0), memory::kib_of(&pids), n);
    drop(line);
    for mut child in children {
        child.wait()?;
    }
    Ok(Cost { seconds, kib_each })
}

/// The child reports that it has started, and stays until its input ends.
pub fn stay(_: &[String]) -> io::Result<()> {
    println!("{}", process::id());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
// ANCHOR_END: tasks
