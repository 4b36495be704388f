//! The answer of `is_full` is about the past as well.

use std::sync::Barrier;
use std::thread;

use crossbeam::channel::{Sender, bounded};

const ROUNDS: usize = 100;

// ANCHOR: full
/// Two producers at a queue with room for one item.
pub fn full() {
    println!("Ask whether it is full:");
    let refused: usize = (0..ROUNDS).map(|_| compete()).sum();
    println!("In {refused} of {ROUNDS} rounds a producer was misled");
}

/// Returns how many producers found a full queue after `is_full` was false.
fn compete() -> usize {
    let (to_queue, _from_queue) = bounded(1);
    let queue = &to_queue;
    let both_asked = &Barrier::new(2);
    let threads = [(); 2].map(|()| move || put(queue, both_asked));
    thread::scope(|s| {
        let threads = threads.map(|put| s.spawn(put));
        threads.into_iter().filter_map(|t| t.join().unwrap()).count()
    })
}

/// Asks, and then puts. `Some` if there was no room after all.
fn put(queue: &Sender<()>, both_asked: &Barrier) -> Option<()> {
    assert!(!queue.is_full(), "no producer puts before both have asked");
    both_asked.wait();
    queue.try_send(()).err().map(drop)
}
// ANCHOR_END: full
