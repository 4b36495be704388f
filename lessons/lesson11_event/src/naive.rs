//! A notification that no thread waits for is lost.

use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use shared::clock::at_pace;
use shared::timeline;

use crate::event::Event;

// ANCHOR: naive
/// An event that only notifies: it forgets that it was set.
#[derive(Default)]
struct NaiveEvent {
    mutex: Mutex<()>,
    condvar: Condvar,
}

impl NaiveEvent {
    fn set(&self) {
        self.condvar.notify_all();
    }

    fn wait_timeout(&self, timeout: Duration) -> bool {
        let guard = self.mutex.lock().unwrap();
        !self.condvar.wait_timeout(guard, timeout).unwrap().1.timed_out()
    }
}

pub fn naive() {
    let naive = &NaiveEvent::default();
    let event = &Event::new();
    println!("Setter sets both events");
    naive.set();
    event.set();
    thread::scope(|s| {
        s.spawn(|| {
            timeline::lane("Waiter");
            let _waiting = timeline::waiting("waits");
            let was_set = naive.wait_timeout(at_pace(0.5));
            println!("Waiter: without a flag, wait returned {was_set}");
            let was_set = event.wait_timeout(at_pace(0.5));
            println!("Waiter: with a flag, wait returned {was_set}");
        });
    });
}
// ANCHOR_END: naive
