//! One thread with a name, and a main thread that waits for it.

use std::thread;

use shared::nap;

// ANCHOR: loop_thread
pub fn loop_thread() {
    println!("thread {} is running...", current_name());
    let builder = thread::Builder::new().name("LoopThread".into());
    let thread = builder.spawn(count).unwrap();
    thread.join().unwrap();
    println!("thread {} ended.", current_name());
}

fn count() {
    println!("thread {} is running...", current_name());
    for n in 1..=5 {
        println!("thread {} >>> {n}", current_name());
        nap(1.0);
    }
    println!("thread {} ended.", current_name());
}
// ANCHOR_END: loop_thread

/// The name of the running thread. Rust calls the first thread `main`.
pub fn current_name() -> String {
    match thread::current().name() {
        Some("main") => "MainThread".into(),
        Some(name) => name.into(),
        None => "without a name".into(),
    }
}
