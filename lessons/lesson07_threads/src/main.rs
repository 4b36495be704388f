//! # Lesson 7: Threads
//!
//! A thread runs next to its parent in the same memory. It is started with a
//! closure, may have a name, and returns a value to the thread that joins it.
//! A panic ends one thread, a crash ends the process with all its threads.
//!
//! Python: `t = threading.Thread(target=loop, name='LoopThread')`
//! Run: `cargo run -p lesson07_threads`

mod class;
mod cores;
mod crash;
mod loop_thread;
mod panic;
mod result;
mod sing_dance;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson07_threads", "Threads: start, work, return, panic")
        .part("loop", "one thread counts, main waits", loop_thread::loop_thread)
        .part("class", "a struct with a run method, three times", class::class)
        .part("sing_dance", "in sequence, then at once", sing_dance::sing_dance)
        .part("result", "what a thread returns, and when", result::result)
        .part("cores", "busy threads on every core", cores::cores)
        .part("panic", "a panic ends one thread", panic::panic)
        .part("crash", "a crash ends all threads", crash::crash)
        .role("crash_in_a_thread", |_| crash::crash_in_a_thread())
        .run()
}
