//! Two threads, in every interleaving.

use std::sync::Arc;

use shuttle::sync::{Barrier, Mutex};

use super::answer::total;
use crate::model;

pub fn check() -> Result<(), String> {
    model::search(
        "stuck: one thread waits in f for the other, which is not in f",
        both_in_f,
    )?;
    model::search("stuck: the threads wait for each other", sum)
}

fn both_in_f() {
    let both_inside = Arc::new(Barrier::new(2));
    total(2, || {
        both_inside.wait();
        1
    });
}

fn sum() {
    let next = Mutex::new(5);
    let sum = total(2, || {
        let mut guard = next.lock().unwrap();
        *guard += 3;
        *guard
    });
    assert!(sum == 8 + 11, "8 + 11: expected 19, got {sum}");
}
