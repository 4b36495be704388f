//! Several producers and several consumers at one queue.

use std::ops::Range;
use std::sync::{Barrier, mpsc};
use std::thread;

use crossbeam::channel::{Receiver, Sender, bounded};

use crate::tasks;

/// The items, in four shares: one for each producer.
const SHARES: [Range<u64>; 4] =
    [0..25_000, 25_000..50_000, 50_000..75_000, 75_000..100_000];
const ROOM: usize = 100;

pub fn many() {
    every_item_once();
    with_mpsc();
    println!("Wait until all tasks are done:");
    tasks::all_done();
    println!("Two queues at once:");
    tasks::two_queues();
}

// ANCHOR: every_item_once
fn every_item_once() {
    let (to_queue, from_queue) = bounded(ROOM);
    let start = &Barrier::new(8); // All eight threads start together.
    let (put, taken) = thread::scope(|s| {
        let producers = SHARES.map(|share| {
            let queue = to_queue.clone();
            s.spawn(move || produce(share, &queue, start))
        });
        drop(to_queue); // Now only the producers have a sender.
        let consumers = SHARES.map(|_| {
            let queue = from_queue.clone();
            s.spawn(move || consume(&queue, start))
        });
        let put: u64 = producers.map(|t| t.join().unwrap()).iter().sum();
        (put, consumers.map(|t| t.join().unwrap()))
    });
    report(put, &taken);
}

/// Puts its share, and returns the sum of its items.
fn produce(share: Range<u64>, queue: &Sender<u64>, start: &Barrier) -> u64 {
    start.wait();
    let mut sum = 0;
    for item in share {
        queue.send(item).expect("the consumers stay until the end");
        sum += item;
    }
    sum
} // When all four producers have returned, the channel is closed.

/// Takes items until the queue is empty and closed.
fn consume(queue: &Receiver<u64>, start: &Barrier) -> Vec<u64> {
    start.wait();
    queue.iter().collect()
}
// ANCHOR_END: every_item_once

/// Compares what was taken with what was put.
fn report(put: u64, taken: &[Vec<u64>; 4]) {
    for (k, items) in (1..).zip(taken) {
        println!("Consumer-{k} took {} items", items.len());
    }
    let mut taken = taken.concat();
    let sum: u64 = taken.iter().sum();
    println!("Producers put the sum {put}");
    println!("Consumers took the sum {sum}");
    taken.sort();
    assert!(taken.into_iter().eq(0..100_000), "every item exactly once");
    println!("All 100000 items were taken, each once");
}

// ANCHOR: with_mpsc
/// The queue of the standard library: many producers, a single consumer.
fn with_mpsc() {
    let (to_queue, from_queue) = mpsc::sync_channel(ROOM);
    let taken: Vec<u64> = thread::scope(|s| {
        for share in SHARES {
            let queue = to_queue.clone();
            s.spawn(move || share.for_each(|i| queue.send(i).unwrap()));
        }
        drop(to_queue);
        from_queue.iter().collect()
    });
    let n = taken.len();
    let sum = taken.iter().sum::<u64>();
    println!("main took {n} items, sum {sum}, from a std::sync::mpsc");
}
// ANCHOR_END: with_mpsc
