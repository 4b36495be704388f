//! # Lesson 10: Condition
//!
//! A buyer and a seller talk, and each waits for its turn. A `Condvar` lets a
//! thread sleep until another thread notifies it. The thread must then check
//! whether its condition is true: a notify is a hint, and it is not stored.
//!
//! Python: `cond = threading.Condition()`
//! Run: `cargo run -p lesson10_condition`

mod dialogue;
mod lost_wakeup;
mod lost_wakeup_steps;
mod notify_all;
mod turns;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    Lesson::new(
        "lesson10_condition",
        "Condition: wait until a condition is true",
    )
    .part("dialogue", "two speakers, each at its turn", dialogue::dialogue)
    .part("lost_wakeup", "a notify before the wait", lost_wakeup::lost_wakeup)
    .schedule(&lost_wakeup_steps::LOST_WAKEUP)
    .part(
        "notify_all",
        "which waiters wake up, and how often",
        notify_all::notify_all,
    )
    .run()
}
