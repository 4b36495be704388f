//! Eight items, two workers and a slow sink, in many interleavings.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use shuttle::sync::{Barrier, mpsc};
use shuttle::thread;

use super::answer::stage;
use crate::model;

const ITEMS: usize = 8;
const WORKERS: usize = 2;
const CAPACITY: usize = 2;
/// The panic of an item.
const BAD: &str = "this item panics";

pub fn check() -> Result<(), String> {
    let stuck = "stuck: all results have arrived, and stage does not return";
    model::sample(stuck, 300, bounded)?;
    let alone = "stuck: an item waits for a second worker, and one is at work";
    model::sample(alone, 100, all_at_work)?;
    model::sample(stuck, 300, panics).map_err(|line| match line == BAD {
        true => "the panic of an item escaped: expected Err in the sink".into(),
        false => line,
    })
}

fn input() -> mpsc::Receiver<usize> {
    let (sender, input) = mpsc::channel();
    for item in 0..ITEMS {
        sender.send(item).unwrap();
    }
    input
}

fn all_at_work() {
    let together = Barrier::new(WORKERS);
    let work = |item| {
        if item < WORKERS {
            together.wait();
        }
    };
    stage(input(), WORKERS, CAPACITY, work, drop);
}

fn bounded() {
    let worked = AtomicUsize::new(0);
    let mut results = Vec::new();
    let work = |item| {
        worked.fetch_add(1, Relaxed);
        item
    };
    stage(input(), WORKERS, CAPACITY, work, |result| {
        // The sink is slow.
        for _ in 0..20 {
            thread::yield_now();
        }
        results.push(result.expect("no item panics"));
        // The channel is full, and each worker waits with one result.
        let most = CAPACITY + WORKERS;
        let ahead = worked.load(Relaxed) - results.len();
        assert!(
            ahead <= most,
            "{ahead} results wait for the sink: {CAPACITY} may be in the \
             channel, and one with each of {WORKERS} workers"
        );
    });
    results.sort();
    let all: Vec<_> = (0..ITEMS).collect();
    assert!(results == all, "expected {all:?} in any order, got {results:?}");
}

/// More items panic than there are workers.
fn panics() {
    let mut failed = 0;
    let mut done = 0;
    let work = |item| assert!(item >= 3, "{BAD}");
    stage(input(), WORKERS, CAPACITY, work, |result| match result {
        Ok(()) => done += 1,
        Err(_) => failed += 1,
    });
    assert!(
        (failed, done) == (3, ITEMS - 3),
        "3 of {ITEMS} items panic: expected 3 Err and {} Ok, got {failed} Err \
         and {done} Ok",
        ITEMS - 3
    );
}
