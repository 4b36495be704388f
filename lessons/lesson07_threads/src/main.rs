//! # Lesson 7: Threads
//!
//! A thread runs beside its parent in the same memory. It is started with a
//! closure, can have a name, and hands a value back to whoever joins it; when
//! it panics, that is the value. Threads use as many cores as there are.
//!
//! Python: `t = threading.Thread(target=loop, name='LoopThread')`
//! Run: `cargo run -p lesson07_threads`

mod cores;

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use shared::clock::Stopwatch;
use shared::task::long_time_task;
use shared::{Lesson, nap};

fn main() -> ExitCode {
    Lesson::new("lesson07_threads", "Threads: start, work, return, panic")
        .part("loop", "one thread counts, the other waits", loop_thread)
        .part("class", "a struct with a run method, three times", class)
        .part("result", "what a thread returns, and when", result)
        .part("cores", "busy threads on every core", cores::cores)
        .part("panic", "a thread panics, the others go on", panic)
        .run()
}

// ANCHOR: loop_thread
fn loop_thread() {
    println!("thread {} is running...", name());
    let thread = thread::Builder::new().name("LoopThread".into());
    let thread = thread.spawn(|| {
        println!("thread {} is running...", name());
        for n in 1..=5 {
            println!("thread {} >>> {n}", name());
            nap(1.0);
        }
        println!("thread {} ended.", name());
    });
    thread.unwrap().join().unwrap();
    println!("thread {} ended.", name());
}

/// The name of the running thread. Rust calls the first one `main`.
fn name() -> String {
    match thread::current().name() {
        Some("main") => "MainThread".into(),
        Some(name) => name.into(),
        None => "without a name".into(),
    }
}
// ANCHOR_END: loop_thread

// ANCHOR: class
/// Stands where Python has a subclass of `Thread`.
struct MyThread {
    name: String,
}

impl MyThread {
    fn run(&self) {
        for i in 0..5 {
            println!("thread {}, @number: {i}", self.name);
            nap(1.0);
        }
    }
}

fn class() {
    let threads = [1, 2, 3].map(|k| MyThread { name: format!("Thread-{k}") });
    thread::scope(|s| {
        for thread in &threads {
            let builder = thread::Builder::new().name(thread.name.clone());
            builder.spawn_scoped(s, || thread.run()).unwrap();
        }
    }); // The scope ends when all three have ended.
}
// ANCHOR_END: class

// ANCHOR: result
fn result() {
    println!("This is the main thread: {}", name());
    let watch = Stopwatch::start();
    for task in [1, 2] {
        println!("Current thread: {} task {task}", name());
        println!("Result: {}", long_time_task());
    }
    println!("One after the other: {watch} seconds");

    let watch = Stopwatch::start();
    thread::scope(|s| {
        let threads = [1, 2].map(|task| {
            let thread = thread::Builder::new().name(format!("Thread-{task}"));
            let run = move || {
                println!("Current thread: {} task {task}", name());
                long_time_task()
            };
            thread.spawn_scoped(s, run).unwrap()
        });
        for thread in threads {
            println!("Result: {}", thread.join().unwrap());
        }
    });
    println!("In two threads: {watch} seconds");
}
// ANCHOR_END: result

// ANCHOR: panic
fn panic() {
    let (go_on, wait) = mpsc::channel();
    let thread_1 = thread::Builder::new().name("Thread-1".into());
    let thread_2 = thread::Builder::new().name("Thread-2".into());
    let thread_1 = thread_1.spawn(move || {
        wait.recv().expect("main sends before it joins");
        println!("thread {} goes on", name());
        3411 * 3411
    });
    let thread_2 = thread_2.spawn(|| -> i32 { panic!("I have had enough") });

    let panic = thread_2.unwrap().join().expect_err("it panicked");
    let words = panic.downcast_ref::<&str>().unwrap_or(&"");
    println!("thread {}: Thread-2 panicked: {words}", name());
    go_on.send(()).expect("Thread-1 waits for it");
    let square = thread_1.unwrap().join().unwrap();
    println!("thread {}: Thread-1 returned {square}", name());
}
// ANCHOR_END: panic
