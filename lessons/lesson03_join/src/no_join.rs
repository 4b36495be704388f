//! Threads that are joined late.

use std::sync::Barrier;
use std::thread;

use shared::timeline;

use crate::threads::count;

// ANCHOR: no_join
/// Main and three threads meet here after main has printed End.
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
    let _span = timeline::waiting("has printed End, and waits");
    HALF_WAY.wait();

    // Python does this when the program exits. In Rust, the threads would die
    // when `main` returns.
    for thread in threads {
        thread.join().unwrap();
    }
}
// ANCHOR_END: no_join
