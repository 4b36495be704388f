//! # Lesson 10: Condition
//!
//! A buyer and a seller talk, and each waits for its turn. A `Condvar` lets a
//! thread sleep until another one says that something has changed; it then
//! looks whether that is what it waits for. Whoever does not look waits wrong.
//!
//! Python: `cond = threading.Condition()`
//! Run: `cargo run -p lesson10_condition`

mod lost_wakeup;
mod lost_wakeup_steps;
mod notify_all;
mod turns;

use std::process::ExitCode;
use std::thread;

use shared::{Lesson, nap, timeline};
use turns::Turns;

fn main() -> ExitCode {
    Lesson::new("lesson10_condition", "Condition: wait until it is so")
        .part("dialogue", "two speakers, each at its turn", dialogue)
        .part(
            "lost_wakeup",
            "a notify that nobody hears",
            lost_wakeup::lost_wakeup,
        )
        .schedule(&lost_wakeup_steps::LOST_WAKEUP)
        .part(
            "notify_all",
            "who wakes up, and how often",
            notify_all::notify_all,
        )
        .run()
}

// ANCHOR: dialogue
const BUYER: &str = "Buyer";
const SELLER: &str = "Seller";

/// Who says what. A line's place in here is the turn that it takes.
const LINES: [(&str, &str); 8] = [
    (BUYER, "I am taking both, can you make it cheaper?"),
    (SELLER, "I can, please place your order"),
    (BUYER, "I have placed it, please change the price"),
    (SELLER, "Done, I have changed it"),
    (BUYER, "Thank you, I have paid"),
    (BUYER, "Now I wait for the parcel"),
    (SELLER, "Your payment is here, I send the parcel at once"),
    (SELLER, "The parcel is on its way"),
];

fn dialogue() {
    for late in [BUYER, SELLER] {
        println!("{late} comes a second late:");
        let turns = &Turns::new();
        thread::scope(|s| {
            for me in [BUYER, SELLER] {
                s.spawn(move || talk(me, me == late, turns));
            }
        });
    }
}

/// Says the lines of `me`, each at its turn.
fn talk(me: &str, is_late: bool, turns: &Turns) {
    timeline::lane(me);
    if is_late {
        let _span = timeline::waiting("is late");
        nap(1.0); // Nothing depends on it.
    }
    for (mine, (who, line)) in LINES.iter().enumerate() {
        if *who != me {
            continue;
        }
        let waiting = timeline::waiting("waits");
        turns.take(mine, || {
            drop(waiting);
            let _span = timeline::working(&format!("{}", mine + 1));
            println!("{me}: {line}");
            nap(0.25);
        });
    }
}
// ANCHOR_END: dialogue
