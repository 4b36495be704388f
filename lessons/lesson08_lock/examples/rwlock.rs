//! Several readers at once, or one writer: `RwLock`.

use std::sync::{Barrier, RwLock};
use std::thread;

// ANCHOR: main
fn main() {
    let price = &RwLock::new(5);
    let all_reading = &Barrier::new(3);
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(move || {
                let guard = price.read().unwrap();
                all_reading.wait(); // Three guards exist at once.
                assert_eq!(*guard, 5);
            });
        }
    });
    println!("Three readers held the lock at the same time");
    *price.write().unwrap() += 3; // A writer holds it alone.
    println!("The price is {}", price.read().unwrap());
}
// ANCHOR_END: main
