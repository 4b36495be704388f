//! Threads that a scope joins.

use std::ops::Range;
use std::thread;

use shared::{nap, timeline};

// ANCHOR: threads
pub fn threads() {
    println!("Start main threading");
    let _span = timeline::waiting("waits, and then prints End");
    thread::scope(|s| {
        for k in 1..=3 {
            s.spawn(move || count(k, 0..5));
        }
    }); // The scope returns after all three have ended.
    println!("End Main threading");
}

pub fn count(k: u32, numbers: Range<u32>) {
    timeline::lane(&format!("Thread-{k}"));
    for i in numbers {
        let _span = timeline::working(&format!("number {i}"));
        println!("thread Thread-{k}, @number: {i}");
        nap(1.0);
    }
}
// ANCHOR_END: threads
