//! Threads, with and without a join.

use std::ops::Range;
use std::sync::Barrier;
use std::thread;

use shared::{nap, timeline};

// ANCHOR: no_join
/// Three threads and main meet here: main has said its End, they have not.
static HALF_WAY: Barrier = Barrier::new(4);

pub fn no_join() {
    println!("Start main threading");
    let threads = [1, 2, 3].map(|k| {
        thread::spawn(move || {
            count(k, 0..2);
            HALF_WAY.wait();
            count(k, 2..5);
        })
    });
    println!("End Main threading");
    let _span = timeline::waiting("has said its End, and waits");
    HALF_WAY.wait();

    // Python does this for you when the program ends. Rust does not: without
    // it, the end of `main` would cut the threads off.
    for thread in threads {
        thread.join().unwrap();
    }
}
// ANCHOR_END: no_join

// ANCHOR: threads
pub fn threads() {
    println!("Start main threading");
    let _span = timeline::waiting("waits, and then says its End");
    thread::scope(|s| {
        for k in 1..=3 {
            s.spawn(move || count(k, 0..5));
        }
    }); // Nobody gets past this before all three have ended.
    println!("End Main threading");
}

fn count(k: u32, numbers: Range<u32>) {
    timeline::lane(&format!("Thread-{k}"));
    for i in numbers {
        let _span = timeline::working(&format!("number {i}"));
        println!("thread Thread-{k}, @number: {i}");
        nap(1.0);
    }
}
// ANCHOR_END: threads
