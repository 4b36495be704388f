//! What a switch costs, in a ring of tasks, of threads, of processes.

use std::cell::Cell;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::{mem, thread};

use async_executor::LocalExecutor;
use futures_lite::future;
use shared::clock::{Stopwatch, pace};
use shared::limits::{OneCore, allow_open_files};
use shared::measure::Series;

use crate::sizes;

// ANCHOR: switch
/// Returns the microseconds a turn in a ring of so many.
type Ring = fn(usize) -> io::Result<Series>;

pub fn switch() -> io::Result<()> {
    // Two for each pipe of a thousand, and a few more.
    let room = allow_open_files(2100)?;
    let most = (room.saturating_sub(100) / 2).min(1000);
    let _here = OneCore::choose()?;
    let rings = &[2, 10, 100, 1000, 10_000][..];
    println!("kind       in the ring  microseconds a turn (spread)");
    for (kind, wanted, most, ring) in [
        ("no switch", &[1][..], 1, threads as Ring),
        ("tasks", rings, 10_000, tasks),
        ("threads", rings, most, threads),
        ("processes", rings, 1000, processes),
    ] {
        for n in sizes(wanted, most) {
            println!("{kind:<9}  {n:>11}  {:>28.2}", ring(n)?);
        }
    }
    Ok(())
}
// ANCHOR_END: switch

/// How many times the token goes round a ring of `n`.
fn rounds(n: usize) -> usize {
    (20_000.0 * pace().min(1.0)) as usize / n + 1
}

// ANCHOR: threads
/// Connects a ring of `n` members by pipes. The calling thread is one of them;
/// alone it only pays for the pipe. Each turn sends a byte. Returns the
/// microseconds a turn, and closes a pipe, which ends the ring.
fn ring_of_pipes(
    n: usize,
    mut start: impl FnMut(PipeReader, PipeWriter) -> io::Result<()>,
) -> io::Result<Series> {
    let (mut from, mut to) = io::pipe()?;
    for _ in 1..n {
        let (next, end) = io::pipe()?;
        start(mem::replace(&mut from, next), end)?;
    }
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

/// Passes the token on, one larger, until the pipe is closed.
fn pass(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut token = [0];
    while from.read(&mut token)? == 1 {
        to.write_all(&[token[0].wrapping_add(1)])?;
        to.flush()?;
    }
    Ok(())
}

fn threads(n: usize) -> io::Result<Series> {
    thread::scope(|s| {
        ring_of_pipes(n, |from, to| {
            thread::Builder::new().spawn_scoped(s, || pass(from, to))?;
            Ok(())
        })
    })
}
// ANCHOR_END: threads

// ANCHOR: processes
/// Each process has a pipe as its standard input, and the next one as its
/// output. When one of them exits, all do.
fn processes(n: usize) -> io::Result<Series> {
    let mut children = Vec::new();
    let series = ring_of_pipes(n, |from, to| {
        let mut child = shared::child("pass_on", [""; 0])?;
        children.push(child.stdin(from).stdout(to).spawn()?);
        Ok(())
    });
    for mut child in children {
        child.wait()?;
    }
    series
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
        let start = |me| executor.spawn(take_turns(me));
        let _tasks: Vec<_> = (0..n).map(start).collect();
        let watch = Stopwatch::start();
        while executor.try_tick() {} // Until all of them have ended.
        let seconds = watch.seconds();
        let turns = rounds(n) * n;
        assert!(changes.get() > turns / 2, "they take turns");
        Ok(seconds / turns as f64 * 1e6)
    })
}
// ANCHOR_END: tasks
