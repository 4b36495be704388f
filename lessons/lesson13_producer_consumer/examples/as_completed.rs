//! Results in the order in which the threads finish: `as_completed`.

use std::sync::mpsc;
use std::thread;

// ANCHOR: main
fn main() {
    let (tx, rx) = mpsc::channel();
    let (go, wait) = mpsc::channel();
    let slow_tx = tx.clone();
    let slow = thread::spawn(move || {
        wait.recv().unwrap(); // It finishes after the fast one.
        slow_tx.send("slow").unwrap();
    });
    let fast = thread::spawn(move || tx.send("fast").unwrap());
    for result in rx {
        println!("completed: {result}");
        let _ = go.send(());
    }
    for thread in [slow, fast] {
        thread.join().unwrap();
    }
}
// ANCHOR_END: main
