//! What a switch costs, in a ring of tasks, of threads, of processes.

use std::cell::Cell;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::thread;

use async_executor::LocalExecutor;
use futures_lite::future;
use shared::clock::{Stopwatch, pace};

use crate::create::sizes;
use crate::limits::{self, OneCore};
use crate::table::Series;

// ANCHOR: switch
pub fn switch() -> io::Result<()> {
    // Two for each pipe of a thousand, and a few more.
    let room = limits::open_files(2100)?;
    let most = (room.saturating_sub(100) / 2).min(1000);
    let _here = OneCore::choose()?;
    println!("kind       in the ring  microseconds a turn (spread)");
    row("no switch", &[1], 1, threads)?;
    row("tasks", &RINGS, 10_000, tasks)?;
    row("threads", &RINGS, most, threads)?;
    row("processes", &RINGS, 1000, processes)
}
// ANCHOR_END: switch

const RINGS: [usize; 5] = [2, 10, 100, 1000, 10_000];

fn row(
    kind: &str,
    wanted: &[usize],
    most: usize,
    ring: fn(usize) -> io::Result<Series>,
) -> io::Result<()> {
    for n in sizes(wanted, most) {
        println!("{kind:<9}  {n:>11}  {:>28.2}", ring(n)?);
    }
    Ok(())
}

/// How many times the token goes round a ring of `n`.
fn rounds(n: usize) -> usize {
    (20_000.0 * pace().min(1.0)) as usize / n + 1
}

/// Microseconds a turn. Each turn sends a byte through a pipe.
fn send_round(
    to: &mut PipeWriter,
    from: &mut PipeReader,
    n: usize,
) -> io::Result<Series> {
    Series::of(|| {
        let watch = Stopwatch::start();
        for _ in 0..rounds(n) {
            to.write_all(&[0])?;
            let mut token = [0];
            from.read_exact(&mut token)?;
            assert_eq!(token[0], (n - 1) as u8, "every member has had it");
        }
        Ok(watch.seconds() / (rounds(n) * n) as f64 * 1e6)
    })
}

// ANCHOR: threads
/// Passes the token on, one larger, until the pipe is closed.
fn pass(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut token = [0];
    while from.read(&mut token)? == 1 {
        to.write_all(&[token[0].wrapping_add(1)])?;
        to.flush()?;
    }
    Ok(())
}

/// A ring of threads, connected by pipes. The calling thread is one of them;
/// alone it only pays for the pipe.
fn threads(n: usize) -> io::Result<Series> {
    let (mut from, to) = io::pipe()?;
    thread::scope(move |s| {
        let mut to = to; // Closing it ends the ring.
        for _ in 1..n {
            let (next, end) = io::pipe()?;
            let from = std::mem::replace(&mut from, next);
            thread::Builder::new().spawn_scoped(s, || pass(from, end))?;
        }
        send_round(&mut to, &mut from, n)
    })
}
// ANCHOR_END: threads

// ANCHOR: processes
/// The same ring of processes: each has a pipe as its standard input, and the
/// next one as its output. When one of them exits, all do.
fn processes(n: usize) -> io::Result<Series> {
    let (mut from, mut to) = io::pipe()?;
    let mut children = Vec::new();
    for _ in 1..n {
        let (next, end) = io::pipe()?;
        let from = std::mem::replace(&mut from, next);
        let mut child = shared::child("pass_on", [""; 0])?;
        children.push(child.stdin(from).stdout(end).spawn()?);
    }
    let seconds = send_round(&mut to, &mut from, n);
    drop(to);
    for mut child in children {
        child.wait()?;
    }
    seconds
}

pub fn pass_on(_: &[String]) -> io::Result<()> {
    pass(io::stdin().lock(), io::stdout().lock())
}
// ANCHOR_END: processes

// ANCHOR: tasks
/// A ring of tasks: each of them lets the next one run.
fn tasks(n: usize) -> io::Result<Series> {
    Series::of(|| {
        let last = &Cell::new(n);
        let changes = &Cell::new(0);
        let take_turns = async |me| {
            for _ in 0..rounds(n) {
                changes.set(changes.get() + usize::from(last.get() != me));
                last.set(me);
                future::yield_now().await;
            }
        };
        let executor = LocalExecutor::new();
        let ring = (0..n).map(|k| executor.spawn(take_turns(k)));
        let ring: Vec<_> = ring.collect();
        let watch = Stopwatch::start();
        future::block_on(executor.run(async {
            for task in ring {
                task.await;
            }
        }));
        let seconds = watch.seconds();
        let turns = rounds(n) * n;
        assert!(changes.get() > turns / 2, "they take turns");
        Ok(seconds / turns as f64 * 1e6)
    })
}
// ANCHOR_END: tasks
