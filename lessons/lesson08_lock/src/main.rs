//! # Lesson 8: Lock
//!
//! Two threads change one bank balance, and updates are lost. A `Mutex` admits
//! one thread at a time, and it owns the balance, so that no thread can forget
//! to lock. Then what locks bring along: waiting, timeouts and deadlock.
//!
//! Python: `lock = threading.Lock()`
//! Run: `cargo run -p lesson08_lock`

mod deadlock;
mod deadlock_steps;
mod fresh_lock;
mod granularity;
mod lock;
mod race;
mod race_steps;
mod timeout;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson08_lock", "Lock: one thread at a time")
        .part("race", "two threads, one balance, no lock", race::race)
        .schedule(&race_steps::RACE)
        .part("lock", "a Mutex that owns the balance", lock::lock)
        .part(
            "granularity",
            "few long locks, or many",
            granularity::granularity,
        )
        .part("fresh_lock", "a new lock at each use", fresh_lock::fresh_lock)
        .part("timeout", "give up waiting for a lock", timeout::timeout)
        .part("deadlock", "two locks, opposite order", deadlock::deadlock)
        .schedule(&deadlock_steps::DEADLOCK)
        .run()
}
