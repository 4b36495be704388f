//! The first thread ends last, and all wait until they are at work together, in
//! many interleavings.

use std::sync::Arc;

use shuttle::sync::{Condvar, Mutex};

use super::answer::count_all;
use crate::model;

const TEXTS: [&str; 3] = ["one", "seven", "fourteen"];

pub fn check() -> Result<(), String> {
    model::sample(
        "stuck: 3 threads wait for each other, and fewer are at work",
        300,
        together,
    )
}

fn together() {
    let present = Arc::new((Mutex::new(0), Condvar::new()));
    let counts = count_all(&TEXTS, |text| {
        let (present, changed) = &*present;
        let mut count = present.lock().unwrap();
        *count += 1;
        changed.notify_all();
        // The first text is the last one that is done.
        let enough = if text == TEXTS[0] { 5 } else { 3 };
        let few = |count: &mut i32| *count < enough;
        let mut count = changed.wait_while(count, few).unwrap();
        *count += 1;
        changed.notify_all();
        text.len()
    });
    assert!(
        counts == [3, 5, 8],
        "the lengths of {TEXTS:?}: expected [3, 5, 8], got {counts:?}"
    );
}
