//! What a thread returns, and what two threads save.

use std::thread;

use shared::clock::Stopwatch;
use shared::task::long_time_task;

use crate::loop_thread::current_name;

// ANCHOR: result
pub fn result() {
    println!("This is the main thread: {}", current_name());
    let watch = Stopwatch::start();
    for task in [1, 2] {
        println!("Result: {}", run(task));
    }
    println!("One after the other: {watch} seconds");

    let watch = Stopwatch::start();
    thread::scope(|s| {
        let threads = [1, 2].map(|task| {
            let builder = thread::Builder::new().name(format!("Thread-{task}"));
            builder.spawn_scoped(s, move || run(task)).unwrap()
        });
        for thread in threads {
            println!("Result: {}", thread.join().unwrap());
        }
    });
    println!("In two threads: {watch} seconds");
}

fn run(task: usize) -> u64 {
    println!("Current thread: {} task {task}", current_name());
    long_time_task()
}
// ANCHOR_END: result
