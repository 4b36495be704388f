//! Items a second through a queue: `cargo bench -p lesson13_producer_consumer`

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;

use crossbeam::channel;
use harness::bench::{A_SECOND, Row, compare, rate};

fn main() {
    compare(vec![
        Row::new("bounded", "items, queue of 1,000", A_SECOND)
            .why(
                "std's mpsc is the same algorithm for a single \
                 receiver.",
            )
            .python("queue.Queue", "bounded")
            .ours("crossbeam", bounded)
            .other("std mpsc", bounded_mpsc),
        Row::new("unbounded", "items, unbounded queue", A_SECOND)
            .why(
                "std's mpsc is the same algorithm for a single \
                 receiver.",
            )
            .python("queue.Queue", "unbounded")
            .ours("crossbeam", unbounded)
            .other("std mpsc", unbounded_mpsc)
            .limit("one thread alone", alone),
        Row::new("simple", "items, SimpleQueue", A_SECOND)
            .python("SimpleQueue", "simple")
            .ours("crossbeam", unbounded),
    ]);
}

/// One thread sends what another receives.
fn through<S: Send>(
    times: usize,
    sender: S,
    send: impl Fn(&S, usize) + Send,
    mut receive: impl FnMut() -> usize,
) -> f64 {
    rate(times, || {
        thread::scope(|s| {
            s.spawn(move || (0..times).for_each(|i| send(&sender, i)));
            (0..times).for_each(|i| assert_eq!(receive(), i));
        });
    })
}

fn bounded(times: usize) -> f64 {
    let (tx, rx) = channel::bounded(1_000);
    through(times, tx, |tx, i| tx.send(i).unwrap(), || rx.recv().unwrap())
}

fn bounded_mpsc(times: usize) -> f64 {
    let (tx, rx) = mpsc::sync_channel(1_000);
    through(times, tx, |tx, i| tx.send(i).unwrap(), || rx.recv().unwrap())
}

fn unbounded(times: usize) -> f64 {
    let (tx, rx) = channel::unbounded();
    through(times, tx, |tx, i| tx.send(i).unwrap(), || rx.recv().unwrap())
}

fn unbounded_mpsc(times: usize) -> f64 {
    let (tx, rx) = mpsc::channel();
    through(times, tx, |tx, i| tx.send(i).unwrap(), || rx.recv().unwrap())
}

/// One thread that puts and takes.
fn alone(times: usize) -> f64 {
    let mut items = VecDeque::new();
    rate(times, || {
        for i in 0..times {
            black_box(&mut items).push_back(i);
            assert_eq!(black_box(&mut items).pop_front(), Some(i));
        }
    })
}
