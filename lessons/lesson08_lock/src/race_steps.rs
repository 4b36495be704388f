//! The race again, one step at a time: `race --schedule 1,2,2,1,1,1,2,2`.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use shared::schedule::{Program, Thread};

// ANCHOR: RACE
pub const RACE: Program<AtomicI64> = Program {
    source: include_str!("race_steps.rs"),
    threads: &[("t1", t1), ("t2", t2)],
    start: || AtomicI64::new(0),
    show: |balance| format!("balance = {}", balance.load(Relaxed)),
    end: |balance| match balance.load(Relaxed) {
        0 => Ok("The balance is 0.".into()),
        wrong => Err(format!("The balance is {wrong}, not 0.")),
    },
    goals: &[
        ("Find a schedule that loses 8", "The balance is -8, not 0."),
        ("Find a schedule that gains 8", "The balance is 8, not 0."),
    ],
};

fn t1(t1: &Thread, balance: &AtomicI64) {
    let x1 = t1.step(|| balance.load(Relaxed) + 5);
    t1.step(|| balance.store(x1, Relaxed));
    let x1 = t1.step(|| balance.load(Relaxed) - 5);
    t1.step(|| balance.store(x1, Relaxed));
}

fn t2(t2: &Thread, balance: &AtomicI64) {
    let x2 = t2.step(|| balance.load(Relaxed) + 8);
    t2.step(|| balance.store(x2, Relaxed));
    let x2 = t2.step(|| balance.load(Relaxed) - 8);
    t2.step(|| balance.store(x2, Relaxed));
}
// ANCHOR_END: RACE
