//! A `Barrier`: no thread continues before all have arrived.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

// ANCHOR: main
fn main() {
    let arrived = &AtomicU32::new(0);
    let barrier = &Barrier::new(3);
    let leaders: usize = thread::scope(|s| {
        let threads = [1, 2, 3].map(|_| {
            s.spawn(|| {
                arrived.fetch_add(1, SeqCst);
                let is_leader = barrier.wait().is_leader();
                assert_eq!(arrived.load(SeqCst), 3);
                usize::from(is_leader)
            })
        });
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    println!("All 3 threads passed, {leaders} of them as the leader");
}
// ANCHOR_END: main
