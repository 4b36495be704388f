//! The deadlock again, one step at a time: `deadlock --schedule 1,2`.

use shared::schedule::{Lock, Program, Thread};

// ANCHOR: DEADLOCK
pub const DEADLOCK: Program<Locks> = Program {
    source: include_str!("deadlock_steps.rs"),
    threads: &[("t1", t1), ("t2", t2)],
    start: || Locks { a: Lock::new("A", ()), b: Lock::new("B", ()) },
    show: |Locks { a, b }| format!("{a}, {b}"),
    end: |_| Ok("Both threads have had both locks.".into()),
    goals: &[(
        "Make both threads wait forever",
        "t1 waits for B, which t2 holds; t2 waits for A, which t1 holds, \
         forever.",
    )],
};

pub struct Locks {
    a: Lock<()>,
    b: Lock<()>,
}

fn t1(t1: &Thread, Locks { a, b }: &Locks) {
    let a_guard = t1.lock(a);
    let b_guard = t1.lock(b);
    t1.step(|| drop(b_guard));
    t1.step(|| drop(a_guard));
}

fn t2(t2: &Thread, Locks { a, b }: &Locks) {
    let b_guard = t2.lock(b);
    let a_guard = t2.lock(a);
    t2.step(|| drop(a_guard));
    t2.step(|| drop(b_guard));
}
// ANCHOR_END: DEADLOCK
