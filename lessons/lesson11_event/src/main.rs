//! # Lesson 11: Event
//!
//! One thread reports that something has happened, and others wait for it. An
//! `Event` is a flag to wait for, made of a `Mutex` and a `Condvar` in
//! `event.rs`: first without the flag, which fails, then threads in pairs, a
//! starting gun, and a wait with a timeout.
//!
//! Python: `event.set()`, `event.clear()`, `event.wait(timeout)`
//! Run: `cargo run -p lesson11_event`

mod event;
mod naive;
mod starting_gun;
mod timeout;
mod toggle;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new("lesson11_event", "Event: a flag to wait for")
        .part("naive", "an event without a flag", naive::naive)
        .part("toggle", "in pairs, the second one first", toggle::toggle)
        .part(
            "starting_gun",
            "one set releases all threads",
            starting_gun::starting_gun,
        )
        .part("timeout", "wait, but not forever", timeout::timeout)
        .run()
}
