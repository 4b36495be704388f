//! A value that is computed once, by the first thread that needs it.

use std::sync::{LazyLock, OnceLock};
use std::thread;

// ANCHOR: main
static CONFIG: LazyLock<String> = LazyLock::new(|| {
    println!("The configuration is read");
    "depth = 3".into()
});

fn main() {
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| assert_eq!(CONFIG.len(), 9));
        }
    });
    println!("All threads use {:?}", *CONFIG);
    let winner = OnceLock::new(); // The same, but the caller sets the value.
    assert!(winner.set("Thread-1").is_ok());
    assert!(winner.set("Thread-2").is_err());
    println!("The winner is {}", winner.get().unwrap());
}
// ANCHOR_END: main
