//! A queue with room for two, and timeouts.

use crossbeam::channel::{self, Receiver, RecvTimeoutError};
use crossbeam::channel::{SendTimeoutError, Sender};
use shared::clock::{Stopwatch, at_pace};

// ANCHOR: timeouts
/// No other thread uses this queue, so a wait ends only by its timeout.
pub fn timeouts() {
    let (to_queue, from_queue) = channel::bounded(2);
    for i in 1..=3 {
        put(&to_queue, i);
    }
    for _ in 1..=3 {
        get(&from_queue);
    }
}

fn put(queue: &Sender<u32>, i: u32) {
    let watch = Stopwatch::start();
    match queue.send_timeout(i, at_pace(1.0)) {
        Ok(()) => println!("main put {i}"),
        Err(SendTimeoutError::Timeout(i)) => {
            println!("main could not put {i} within {watch} s: Full");
        }
        Err(SendTimeoutError::Disconnected(_)) => {
            unreachable!("both ends are here")
        }
    }
}

fn get(queue: &Receiver<u32>) {
    let watch = Stopwatch::start();
    match queue.recv_timeout(at_pace(1.0)) {
        Ok(i) => println!("main got {i}"),
        Err(RecvTimeoutError::Timeout) => {
            println!("main could not get within {watch} s: Empty");
        }
        Err(RecvTimeoutError::Disconnected) => {
            unreachable!("both ends are here")
        }
    }
}
// ANCHOR_END: timeouts
