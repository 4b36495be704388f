//! # Lesson 13: Producer and consumer
//!
//! One thread makes things, another uses them, and a queue stands between
//! them. It makes the fast one wait for the slow one, gives each thing to one
//! consumer, and it ends: when the last producer hangs up.
//!
//! Python: `q = queue.Queue()`
//! Run: `cargo run -p lesson13_producer_consumer`

mod bounded;
mod many;
mod tasks;
mod unreliable;
mod unreliable_steps;

use std::process::ExitCode;
use std::thread;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use shared::clock::at_pace;
use shared::{Lesson, nap, timeline};

fn main() -> ExitCode {
    let title = "Queue: producers and consumers";
    Lesson::new("lesson13_producer_consumer", title)
        .part("queue", "a producer, a consumer, and the end", queue)
        .part("bounded", "room for two, and no more", bounded::bounded)
        .part("unreliable", "not empty, and gone", unreliable::unreliable)
        .schedule(&unreliable_steps::UNRELIABLE)
        .part("many", "four producers, four consumers", many::many)
        .run()
}

fn queue() {
    one_to_four();
    println!("Somebody could still put:");
    kept_open();
    println!("The producer hangs up:");
    hung_up();
}

// ANCHOR: one_to_four
fn one_to_four() {
    let (to_queue, from_queue) = unbounded();
    thread::scope(|s| {
        s.spawn(move || producer(&to_queue));
        s.spawn(move || consumer(&from_queue));
    });
    println!("All threads finished!");
}

fn producer(queue: &Sender<u32>) {
    timeline::lane("Producer");
    for i in 1..=4 {
        println!("Producer puts {i} into the Queue!");
        queue.send(i).expect("the consumer takes all four");
        let _span = timeline::working("makes the next");
        nap(f64::from(rand::random_range(0..10)) / 5.0);
    }
    println!("Producer End!");
}

fn consumer(queue: &Receiver<u32>) {
    timeline::lane("Consumer");
    for _ in 1..=4 {
        let waiting = timeline::waiting("waits");
        let i = queue.recv().expect("the producer puts all four");
        drop(waiting);
        println!("Consumer is consuming {i} from the Queue");
        let _span = timeline::working(&format!("consumes {i}"));
        nap(f64::from(rand::random_range(0..10)));
    }
    println!("Consumer End!");
}
// ANCHOR_END: one_to_four

// ANCHOR: hung_up
/// The documents' reader waits for a fourth value, and nothing tells it that
/// there is none: we still have an end to put with.
fn kept_open() {
    let (to_queue, from_queue) = unbounded();
    thread::scope(|s| {
        s.spawn(|| write(to_queue.clone()));
        from_queue.iter().take(3).for_each(read);
    });
    let more = from_queue.recv_timeout(at_pace(1.0));
    assert_eq!(more, Err(RecvTimeoutError::Timeout));
    println!("The reader would wait for more, for ever");
    drop(to_queue); // Open until here.
}

/// Now the writer has the only end, and it is gone when the writer is.
fn hung_up() {
    let (to_queue, from_queue) = unbounded();
    thread::scope(|s| {
        s.spawn(move || write(to_queue));
        from_queue.iter().for_each(read);
    });
    println!("The reader has come to the end");
}

fn write(queue: Sender<&str>) {
    for value in ["Liangdianshui", "Sandianshui", "Sidianshui"] {
        println!("Value written to Queue: {value}");
        queue.send(value).expect("the reader is still there");
    }
} // The queue's end is dropped here: the writer hangs up.

fn read(value: &str) {
    println!("Value read from Queue: {value}");
}
// ANCHOR_END: hung_up
