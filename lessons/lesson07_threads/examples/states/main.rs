//! # The states of a thread
//!
//! Threads that compute, wait for a lock, sleep, start programs, or have
//! ended, and what the kernel says of each; then a process that is stopped,
//! killed and reaped. The letters are those that `ps` shows.
//!
//! Run: `cargo run -p lesson07_threads --example states`

#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod seen;
#[cfg(target_os = "linux")]
mod threads;

use std::process::ExitCode;

const NAME: &str = "lesson07_threads --example states";

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    shared::Lesson::new(NAME, "The states of a thread, in the kernel's words")
        .part("threads", "six threads, and how they are", threads::threads)
        .part("process", "stopped, killed and reaped", process::process)
        .role("child", process::child)
        .run()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("{NAME}: this program needs Linux, and its /proc");
    ExitCode::from(2)
}
