//! # Lesson 9: RLock
//!
//! A function that holds a lock calls another one that acquires it as well.
//! With a plain lock the thread now waits for itself. A reentrant lock knows
//! its owner, and counts. The last part shows how one is built.
//!
//! Python: `r_lock = threading.RLock()`
//! Run: `cargo run -p lesson09_rlock`

mod inside;
mod reentrant;
mod rlock;
mod self_deadlock;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson09_rlock", "RLock: a lock to acquire again")
        .part("rlock", "five threads acquire one lock twice", reentrant::rlock)
        .part(
            "self_deadlock",
            "a thread waits for itself",
            self_deadlock::self_deadlock,
        )
        .part("inside", "an owner and a counter", inside::inside)
        .run()
}
