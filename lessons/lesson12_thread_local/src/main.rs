//! # Lesson 12: Thread-local
//!
//! One name in the program, and a value of its own for every thread: no lock
//! is needed, and no other thread can see the value. It lives as long as its
//! thread does, and in a pool that is longer than a task.
//!
//! Python: `student = threading.local()`
//! Run: `cargo run -p lesson12_thread_local`

mod destructors;
mod isolation;
mod pool_reuse;

use std::cell::RefCell;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new(
        "lesson12_thread_local",
        "Thread-local: a value for each thread",
    )
    .part("hello", "one name, a value for each thread", hello)
    .part("isolation", "what each thread sees, and until when", isolation)
    .part("pool_reuse", "what a task leaves behind", pool_reuse::pool_reuse)
    .run()
}

// ANCHOR: hello
thread_local! {
    static STUDENT: RefCell<String> = const { RefCell::new(String::new()) };
}

fn hello() {
    let both_bound = &Barrier::new(2);
    thread::scope(|s| {
        for (thread, student) in [("Thread-A", "ABC"), ("Thread-D", "DEF")] {
            let thread = thread::Builder::new().name(thread.into());
            let run = move || {
                STUDENT.set(student.into());
                both_bound.wait(); // One shared value would have lost a name.
                greet();
            };
            thread.spawn_scoped(s, run).unwrap();
        }
    });
}

/// It gets no argument: it looks at the value of its thread.
fn greet() {
    let thread = thread::current();
    let thread = thread.name().expect("both have a name");
    STUDENT.with_borrow(|student| println!("Hello, {student} (in {thread})"));
}
// ANCHOR_END: hello

fn isolation() {
    isolation::isolation();
    destructors::destructors();
}
