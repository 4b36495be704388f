//! A fast producer waits for a slow consumer.

use std::thread;

use crossbeam::channel::{self, Receiver, Sender, TrySendError, unbounded};
use shared::clock::{Stopwatch, thread_cpu_seconds};
use shared::{nap, timeline};

// ANCHOR: back_pressure
/// Each side tells the other one before it waits, so both waits happen in every
/// run.
pub fn back_pressure() {
    let (to_queue, from_queue) = channel::bounded(2);
    let (tx_empty, rx_empty) = unbounded();
    let (tx_full, rx_full) = unbounded();
    let (tx_changed, rx_changed) = unbounded();
    let queue = &from_queue;
    let most = thread::scope(|s| {
        let changed = tx_changed.clone();
        s.spawn(move || producer(to_queue, rx_empty, tx_full, changed));
        s.spawn(move || consumer(queue, tx_empty, rx_full, tx_changed));
        s.spawn(move || watch_queue(queue, rx_changed)).join().unwrap()
    });
    println!("The Queue held at most {most} items");
    assert!(most <= 2, "there is room for two");
}

type Notified = Receiver<()>;
type Notifier = Sender<()>;

fn producer(
    queue: Sender<u32>,
    empty: Notified,
    full: Notifier,
    changed: Notifier,
) {
    timeline::lane("Producer");
    empty.recv().expect("the consumer sends before it waits");
    for i in 1..=5 {
        let making = timeline::working(&format!("{i}"));
        nap(0.6);
        drop(making);
        put(&queue, i, &full);
        changed.send(()).expect("the queue is watched");
    }
    println!("Producer End!");
}

/// Puts the item at once if there is room. Otherwise it notifies the consumer
/// and waits.
fn put(queue: &Sender<u32>, i: u32, full: &Notifier) {
    match queue.try_send(i) {
        Ok(()) => println!("Producer put {i}"),
        Err(TrySendError::Full(i)) => {
            println!("Producer waits with {i}: the Queue is full");
            let _span = timeline::waiting("full");
            let watch = Stopwatch::start();
            let cpu = thread_cpu_seconds();
            full.send(()).expect("the consumer receives");
            queue.send(i).expect("the consumer takes all items");
            let cpu = thread_cpu_seconds() - cpu;
            println!("Producer put {i} after {watch} s, {cpu:.2} s CPU");
        }
        Err(TrySendError::Disconnected(_)) => {
            unreachable!("the consumer is there")
        }
    }
}
// ANCHOR_END: back_pressure

// ANCHOR: consumer
fn consumer(
    queue: &Receiver<u32>,
    empty: Notifier,
    full: Notified,
    changed: Notifier,
) {
    timeline::lane("Consumer");
    println!("Consumer waits: the Queue is empty");
    let waiting = timeline::waiting("empty");
    let watch = Stopwatch::start();
    let cpu = thread_cpu_seconds();
    empty.send(()).expect("the producer receives");
    let mut next = queue.recv();
    let cpu = thread_cpu_seconds() - cpu;
    drop(waiting);
    println!("Consumer got the first after {watch} s, {cpu:.2} s CPU");
    while let Ok(i) = next {
        changed.send(()).expect("the queue is watched");
        let _span = timeline::working(&format!("{i}"));
        let _ = full.recv(); // Until the producer waits, or has returned.
        nap(1.0);
        println!("Consumer is done with {i}; the Queue holds {}", queue.len());
        next = queue.recv();
    }
    println!("Consumer End!");
}

/// Looks into the queue after each change, and returns the most items that it
/// has held.
fn watch_queue(queue: &Receiver<u32>, changed: Notified) -> usize {
    timeline::lane("Queue");
    let mut most = 0;
    loop {
        let held = queue.len();
        most = most.max(held);
        let _span = match held {
            0 => timeline::waiting("empty"),
            n => timeline::working(&format!("{n}")),
        };
        while queue.len() == held {
            if changed.recv().is_err() {
                return most;
            }
        }
    }
}
// ANCHOR_END: consumer
