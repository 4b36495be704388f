//! A panic ends its own thread, and `join` reports it.

use std::any::Any;
use std::sync::mpsc;
use std::thread;

use crate::loop_thread::current_name;

pub fn panic() {
    joined();
    not_joined();
}

// ANCHOR: joined
/// Thread-2 panics. Thread-1 continues after that.
fn joined() {
    let (go_on, wait) = mpsc::channel();
    let thread_1 = thread::Builder::new().name("Thread-1".into());
    let thread_2 = thread::Builder::new().name("Thread-2".into());
    let thread_1 = thread_1.spawn(move || {
        wait.recv().expect("main sends before it joins");
        println!("thread {} continues", current_name());
        3411 * 3411
    });
    let thread_2 = thread_2.spawn(|| -> i32 { panic!("I have had enough") });

    let payload = thread_2.unwrap().join().expect_err("it panicked");
    let me = current_name();
    println!("thread {me}: Thread-2 panicked: {}", message(&*payload));
    go_on.send(()).expect("Thread-1 waits for it");
    let square = thread_1.unwrap().join().unwrap();
    println!("thread {me}: Thread-1 returned {square}");
}

/// The message of a panic. `panic!("text")` carries a `&str`.
fn message(payload: &(dyn Any + Send)) -> &str {
    payload.downcast_ref::<&str>().unwrap_or(&"")
}
// ANCHOR_END: joined

// ANCHOR: not_joined
/// Thread-3 opens a scope and does not join the thread that panics in it.
fn not_joined() {
    let thread_3 = thread::Builder::new().name("Thread-3".into());
    let thread_3 = thread_3.spawn(|| {
        thread::scope(|s| {
            let thread_4 = thread::Builder::new().name("Thread-4".into());
            let fail = || panic!("so have I");
            thread_4.spawn_scoped(s, fail).unwrap();
        });
    });
    let payload = thread_3.unwrap().join().expect_err("its scope panicked");
    let me = current_name();
    println!("thread {me}: Thread-3 panicked: {}", message(&*payload));
}
// ANCHOR_END: not_joined
