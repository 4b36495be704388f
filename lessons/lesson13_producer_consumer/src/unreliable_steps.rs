//! Two consumers again, one step at a time: `unreliable --schedule 1,2,1,2`.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crossbeam::channel::{Receiver, Sender, unbounded};
use shared::schedule::{Program, Thread};

// ANCHOR: UNRELIABLE
pub const UNRELIABLE: Program<Queue> = Program {
    source: include_str!("unreliable_steps.rs"),
    threads: &[("c1", consumer), ("c2", consumer)],
    start: || {
        let (sender, receiver) = unbounded();
        sender.send(()).expect("both ends are here");
        Queue { receiver, misled: AtomicU32::new(0), _sender: sender }
    },
    show: |queue| {
        let misled = queue.misled.load(Relaxed);
        format!("items = {}, misled = {misled}", queue.receiver.len())
    },
    end: |queue| match queue.misled.load(Relaxed) {
        0 => Ok("No consumer was misled.".into()),
        _ => Err("A consumer saw an item and found none.".into()),
    },
    goals: &[(
        "Let a consumer see an item and find none",
        "A consumer saw an item and found none.",
    )],
};

pub struct Queue {
    receiver: Receiver<()>,
    misled: AtomicU32,
    /// The queue stays open.
    _sender: Sender<()>,
}

fn consumer(me: &Thread, queue: &Queue) {
    if me.step(|| queue.receiver.is_empty()) {
        return;
    }
    if me.step(|| queue.receiver.try_recv()).is_err() {
        queue.misled.fetch_add(1, Relaxed);
    }
}
// ANCHOR_END: UNRELIABLE
