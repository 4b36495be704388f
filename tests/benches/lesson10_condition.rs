//! What a condition costs: `cargo bench -p lesson10_condition`

mod turns;

use std::sync::{Condvar, Mutex};

use harness::bench::{A_SECOND, Row, compare};
use turns::{in_turns, park_and_unpark};

fn main() {
    compare(vec![
        Row::new("turns", "pass the turn by a Condition", A_SECOND)
            .why(
                "parking_lot wakes a waiting thread when the lock is free; \
                 std's Condvar wakes it at once.",
            )
            .python("Condition", "condition")
            .ours("std Condvar", std_condvar)
            .other("parking_lot", parking_lot)
            .limit("park and unpark", park_and_unpark),
    ]);
}

fn std_condvar(times: usize) -> f64 {
    let turn = Mutex::new(0);
    let changed = Condvar::new();
    in_turns(times, |me| {
        for _ in 0..times / 2 {
            let guard = turn.lock().unwrap();
            let mut guard = changed.wait_while(guard, |t| *t != me).unwrap();
            *guard = 1 - me;
            changed.notify_all();
        }
    })
}

fn parking_lot(times: usize) -> f64 {
    let turn = parking_lot::Mutex::new(0);
    let changed = parking_lot::Condvar::new();
    in_turns(times, |me| {
        for _ in 0..times / 2 {
            let mut guard = turn.lock();
            changed.wait_while(&mut guard, |t| *t != me);
            *guard = 1 - me;
            changed.notify_all();
        }
    })
}
