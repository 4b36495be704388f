//! What an event costs: `cargo bench -p lesson11_event`

#[expect(dead_code, reason = "its timeouts are not measured")]
#[path = "../../lessons/lesson11_event/src/event.rs"]
mod event;
mod turns;

use std::sync::atomic::{AtomicBool, Ordering::*};

use event_listener::Listener;
use harness::bench::{A_SECOND, Row, compare};
use turns::{in_turns, park_and_unpark};

fn main() {
    compare(vec![
        Row::new("wake", "wake by an Event", A_SECOND)
            .why("Waking a thread is the scheduler's work.")
            .python("Event", "event")
            .ours("the lesson's Event", ours)
            .other("event-listener", by_event_listener)
            .limit("park and unpark", park_and_unpark),
    ]);
}

fn ours(times: usize) -> f64 {
    let events = [event::Event::new(), event::Event::new()];
    events[0].set();
    in_turns(times, |me| {
        for _ in 0..times / 2 {
            events[me].wait();
            events[me].clear();
            events[1 - me].set();
        }
    })
}

/// A flag with `event-listener`, as its documentation shows.
#[derive(Default)]
struct Flag {
    is_set: AtomicBool,
    changed: event_listener::Event,
}

impl Flag {
    fn set(&self) {
        self.is_set.store(true, SeqCst);
        self.changed.notify(usize::MAX);
    }

    fn wait(&self) {
        while !self.is_set.load(SeqCst) {
            event_listener::listener!(self.changed => listener);
            if self.is_set.load(SeqCst) {
                break;
            }
            listener.wait();
        }
    }
}

fn by_event_listener(times: usize) -> f64 {
    let events = [Flag::default(), Flag::default()];
    events[0].set();
    in_turns(times, |me| {
        for _ in 0..times / 2 {
            events[me].wait();
            events[me].is_set.store(false, SeqCst);
            events[1 - me].set();
        }
    })
}
