//! A `Semaphore` from a bounded channel: its room is the number of permits.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use crossbeam::channel::bounded;

// ANCHOR: main
fn main() {
    let (acquire, release) = bounded(2); // Two permits.
    let inside = &AtomicUsize::new(0);
    let most: Option<usize> = thread::scope(|s| {
        let threads = [(); 5].map(|()| {
            s.spawn(|| {
                acquire.send(()).unwrap(); // Blocks while both are taken.
                let now = inside.fetch_add(1, SeqCst) + 1;
                thread::yield_now();
                inside.fetch_sub(1, SeqCst);
                release.recv().unwrap();
                now
            })
        });
        threads.into_iter().map(|t| t.join().unwrap()).max()
    });
    assert!(most <= Some(2));
    println!("Never more than 2 of 5 threads were inside");
}
// ANCHOR_END: main
