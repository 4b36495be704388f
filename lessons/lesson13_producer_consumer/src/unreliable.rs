//! The answer of `is_empty` is about the past.

use std::sync::Barrier;
use std::thread;

use crossbeam::channel::{Receiver, unbounded};

/// How a round ends for a consumer.
const TOOK: &str = "took the item";
const EMPTY: &str = "was told: empty";
const MISLED: &str = "was told: not empty, and found nothing";

const ROUNDS: usize = 100;

pub fn unreliable() {
    println!("Ask for permission:");
    rounds(permission);
    println!("Ask for forgiveness:");
    rounds(forgiveness);
}

// ANCHOR: permission
/// Asks, and then takes. The answer may no longer be true.
fn permission(queue: &Receiver<()>, both_asked: &Barrier) -> &'static str {
    if queue.is_empty() {
        return EMPTY;
    }
    both_asked.wait(); // The other consumer may run here. Now it does.
    match queue.try_recv() {
        Ok(()) => TOOK,
        Err(_) => MISLED,
    }
}

/// Takes, and learns in the same step whether there was an item.
fn forgiveness(queue: &Receiver<()>, _: &Barrier) -> &'static str {
    match queue.try_recv() {
        Ok(()) => TOOK,
        Err(_) => EMPTY,
    }
}
// ANCHOR_END: permission

/// Prints the first round, and counts those in which a consumer was misled.
fn rounds(consumer: Consumer) {
    let ends: Vec<_> = (0..ROUNDS).map(|_| compete(consumer)).collect();
    for (k, end) in (1..).zip(ends[0]) {
        println!("Consumer-{k} {end}");
    }
    let misled = ends.iter().filter(|both| both.contains(&MISLED)).count();
    println!("In {misled} of {ROUNDS} rounds a consumer was misled");
}

type Consumer = fn(&Receiver<()>, &Barrier) -> &'static str;

// ANCHOR: compete
/// Two consumers at a queue with one item.
fn compete(consumer: Consumer) -> [&'static str; 2] {
    let (to_queue, from_queue) = unbounded();
    to_queue.send(()).expect("the other end is here");
    let queue = &from_queue;
    let both = &Barrier::new(2);
    thread::scope(|s| {
        [1, 2]
            .map(|_| s.spawn(move || consumer(queue, both)))
            .map(|thread| thread.join().unwrap())
    })
}
// ANCHOR_END: compete
