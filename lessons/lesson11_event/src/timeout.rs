//! Waiting for an event with a timeout.

use std::thread;

use shared::clock::{Stopwatch, at_pace};
use shared::{nap, timeline};

use crate::event::Event;

// ANCHOR: timeout
pub fn timeout() {
    let gave_up = &Event::new();
    let event = &Event::new();
    thread::scope(|s| {
        s.spawn(|| {
            timeline::lane("Waiter");
            wait(event, 1.0);
            gave_up.set();
            wait(event, 3600.0);
            wait(event, 0.0);
        });
        s.spawn(|| {
            timeline::lane("Setter");
            gave_up.wait(); // So the first wait returns false in every run.
            let _span = timeline::working("works");
            nap(0.5);
            println!("Setter sets the event");
            event.set();
        });
    });
}

/// Waits for at most so many seconds, and prints the result.
fn wait(event: &Event, seconds: f64) {
    let watch = Stopwatch::start();
    let _span = timeline::waiting(&format!("wait({seconds})"));
    let was_set = event.wait_timeout(at_pace(seconds));
    println!("Waiter: wait({seconds}) returned {was_set} after {watch} s");
}
// ANCHOR_END: timeout
