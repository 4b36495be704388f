//! The examples of the page "Rust that these lessons use".

use std::sync::Mutex;
use std::thread;

#[test]
// ANCHOR: closure
fn closure() {
    let name = String::from("t1");
    let thread = thread::spawn(move || format!("{name} runs"));
    assert_eq!(thread.join().unwrap(), "t1 runs");
}
// ANCHOR_END: closure

#[test]
// ANCHOR: scope
fn scope() {
    let balance = &Mutex::new(0);
    thread::scope(|s| {
        for n in [5, 8] {
            s.spawn(move || *balance.lock().unwrap() += n);
        }
    });
    assert_eq!(*balance.lock().unwrap(), 13);
}
// ANCHOR_END: scope
