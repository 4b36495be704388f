//! # Lesson 13: Producer and consumer
//!
//! One thread makes items, another one uses them, and a queue connects them.
//! It slows a fast producer down, delivers each item to one consumer, and
//! closes when its last producer drops its sender.
//!
//! Python: `q = queue.Queue()`
//! Run: `cargo run -p lesson13_producer_consumer`

mod back_pressure;
mod full;
mod many;
mod queue;
mod tasks;
mod timeouts;
mod unreliable;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    let title = "Queue: producers and consumers";
    Lesson::new("lesson13_producer_consumer", title)
        .part("queue", "a producer, a consumer, and the end", queue::queue)
        .part("bounded", "room for two items", bounded)
        .part("unreliable", "empty and full, a moment ago", unreliable)
        .part("many", "four producers, four consumers", many::many)
        .run()
}

fn bounded() {
    timeouts::timeouts();
    back_pressure::back_pressure();
}

fn unreliable() {
    unreliable::unreliable();
    full::full();
}
