//! A queue with room for two.

use std::thread;

use crossbeam::channel::{self, Receiver, Sender, unbounded};
use crossbeam::channel::{RecvTimeoutError, SendTimeoutError, TrySendError};
use shared::clock::{Stopwatch, at_pace, thread_cpu_seconds};
use shared::{nap, timeline};

pub fn bounded() {
    limits();
    slow_motion();
}

// ANCHOR: limits
/// Nobody else is at this queue, so whoever has to wait waits in vain.
fn limits() {
    let (to_queue, from_queue) = channel::bounded(2);
    for i in 1..=3 {
        put_in_time(&to_queue, i);
    }
    for _ in 1..=3 {
        get_in_time(&from_queue);
    }
}

fn put_in_time(queue: &Sender<u32>, i: u32) {
    let watch = Stopwatch::start();
    match queue.send_timeout(i, at_pace(1.0)) {
        Ok(()) => println!("main put {i}"),
        Err(SendTimeoutError::Timeout(i)) => {
            println!("main gave up to put {i} after {watch} s: Full");
        }
        Err(SendTimeoutError::Disconnected(_)) => unreachable!("it is ours"),
    }
}

fn get_in_time(queue: &Receiver<u32>) {
    let watch = Stopwatch::start();
    match queue.recv_timeout(at_pace(1.0)) {
        Ok(i) => println!("main got {i}"),
        Err(RecvTimeoutError::Timeout) => {
            println!("main gave up to get after {watch} s: Empty");
        }
        Err(RecvTimeoutError::Disconnected) => unreachable!("it is ours"),
    }
}
// ANCHOR_END: limits

// ANCHOR: slow_motion
/// Each side tells the other one when it has to wait. So it does not depend on
/// luck who waits for whom.
fn slow_motion() {
    let (to_queue, from_queue) = channel::bounded(2);
    let (says_empty, empty) = unbounded();
    let (says_full, full) = unbounded();
    let (changed, changes) = unbounded();
    let queue = &from_queue;
    let most = thread::scope(|s| {
        let tell = changed.clone();
        s.spawn(move || producer(to_queue, empty, says_full, tell));
        s.spawn(move || consumer(queue, says_empty, full, changed));
        s.spawn(move || look(queue, changes)).join().unwrap()
    });
    println!("The Queue held {most} at the most");
    assert!(most <= 2, "there is room for two");
}

type Told = Receiver<()>;
type Tells = Sender<()>;

fn producer(queue: Sender<u32>, empty: Told, full: Tells, changed: Tells) {
    timeline::lane("Producer");
    empty.recv().expect("the consumer says so before it waits");
    for i in 1..=5 {
        let making = timeline::working(&format!("{i}"));
        nap(0.6);
        drop(making);
        put(&queue, i, &full);
        changed.send(()).expect("somebody looks");
    }
    println!("Producer End!");
}

/// Puts it at once if there is room, and otherwise says so, and waits.
fn put(queue: &Sender<u32>, i: u32, full: &Tells) {
    match queue.try_send(i) {
        Ok(()) => println!("Producer put {i}"),
        Err(TrySendError::Full(i)) => {
            println!("Producer waits with {i}: the Queue is full");
            let _span = timeline::waiting("full");
            let watch = Stopwatch::start();
            let cpu = thread_cpu_seconds();
            full.send(()).expect("the consumer listens");
            queue.send(i).expect("the consumer takes all of them");
            let cpu = thread_cpu_seconds() - cpu;
            println!("Producer put {i} after {watch} s, {cpu:.2} s CPU");
        }
        Err(TrySendError::Disconnected(_)) => unreachable!("one consumer"),
    }
}
// ANCHOR_END: slow_motion

// ANCHOR: consumer
fn consumer(queue: &Receiver<u32>, empty: Tells, full: Told, changed: Tells) {
    timeline::lane("Consumer");
    println!("Consumer waits: the Queue is empty");
    let waiting = timeline::waiting("empty");
    let watch = Stopwatch::start();
    let cpu = thread_cpu_seconds();
    empty.send(()).expect("the producer listens");
    let mut next = queue.recv();
    let cpu = thread_cpu_seconds() - cpu;
    drop(waiting);
    println!("Consumer got the first after {watch} s, {cpu:.2} s CPU");
    while let Ok(i) = next {
        changed.send(()).expect("somebody looks");
        let _span = timeline::working(&format!("{i}"));
        let _ = full.recv(); // Until the producer waits, or has ended.
        nap(1.0);
        println!("Consumer is done with {i}; the Queue holds {}", queue.len());
        next = queue.recv();
    }
    println!("Consumer End!");
}

/// Looks into the queue each time that something has changed, and returns how
/// many items it held at the most.
fn look(queue: &Receiver<u32>, changes: Told) -> usize {
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
            if changes.recv().is_err() {
                return most;
            }
        }
    }
}
// ANCHOR_END: consumer
