//! The two threads again, one step at a time: `toggle --schedule 1,2,1,2`.

use shared::schedule::{Program, Thread};

use crate::event::Event;

// ANCHOR: TOGGLE
pub const TOGGLE: Program<Event> = Program {
    source: include_str!("toggle_steps.rs"),
    threads: &[("t1", three_steps), ("t2", three_steps)],
    start: || {
        let event = Event::new();
        event.set();
        event
    },
    show: |event| format!("is_set = {}", event.is_set()),
    end: |_| Ok("No thread waits.".into()),
    goals: &[
        (
            "Make both threads wait forever",
            "t1 waits for a set; t2 waits for a set, forever.",
        ),
        ("Let both threads finish", "No thread waits."),
    ],
};

fn three_steps(me: &Thread, event: &Event) {
    if me.step(|| event.is_set()) {
        me.step(|| event.clear());
        wait(me, event);
    } else {
        me.step(|| event.set());
    }
}

/// A step of its caller.
#[track_caller]
fn wait(me: &Thread, event: &Event) {
    me.step_when("a set", || event.is_set(), || event.wait());
}
// ANCHOR_END: TOGGLE
