//! A producer, a consumer, and the end of a queue.

use std::thread;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use shared::clock::at_pace;
use shared::{nap, timeline};

pub fn queue() {
    one_to_four();
    println!("The main thread keeps a sender:");
    kept_open();
    println!("Only the writer has a sender:");
    closed();
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

// ANCHOR: closed
/// The reader would wait for a fourth value: the main thread has a sender.
fn kept_open() {
    let (to_queue, from_queue) = unbounded();
    thread::scope(|s| {
        s.spawn(|| write(to_queue.clone()));
        from_queue.iter().take(3).for_each(read);
    });
    let more = from_queue.recv_timeout(at_pace(1.0));
    assert_eq!(more, Err(RecvTimeoutError::Timeout));
    println!("The reader would wait forever");
    drop(to_queue); // The channel is open until here.
}

/// The only sender is dropped when the writer returns: the channel is closed.
fn closed() {
    let (to_queue, from_queue) = unbounded();
    thread::scope(|s| {
        s.spawn(move || write(to_queue));
        from_queue.iter().for_each(read);
    });
    println!("The reader has reached the end");
}

fn write(queue: Sender<&str>) {
    for value in ["Liangdianshui", "Sandianshui", "Sidianshui"] {
        println!("Value written to Queue: {value}");
        queue.send(value).expect("the reader is still there");
    }
} // The sender is dropped here.

fn read(value: &str) {
    println!("Value read from Queue: {value}");
}
// ANCHOR_END: closed
