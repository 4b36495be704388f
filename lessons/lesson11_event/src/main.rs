//! # Lesson 11: Event
//!
//! One thread says that something has happened, and others wait for it. An
//! `Event` is a flag to wait for, made of a `Mutex` and a `Condvar` in
//! `event.rs`: threads in pairs, a starting gun, and a wait with a limit.
//!
//! Python: `event.set()`, `event.clear()`, `event.wait(timeout)`
//! Run: `cargo run -p lesson11_event`

mod event;
mod toggle;
mod toggle_steps;

use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use event::Event;
use shared::clock::{Stopwatch, at_pace};
use shared::{Lesson, nap, timeline};

fn main() -> ExitCode {
    Lesson::new("lesson11_event", "Event: a flag to wait for")
        .part("toggle", "in pairs, the second one first", toggle::toggle)
        .schedule(&toggle_steps::TOGGLE)
        .part("starting_gun", "one set releases them all", starting_gun)
        .part("timeout", "wait, but not for ever", timeout)
        .run()
}

/// As many as meet half way.
const RUNNERS: usize = 5;

// ANCHOR: starting_gun
fn starting_gun() {
    let gun = &Event::new();
    let all_ready = &Barrier::new(RUNNERS + 1);
    let half_way = &Barrier::new(RUNNERS);
    thread::scope(|s| {
        for k in 1..=RUNNERS {
            s.spawn(move || {
                let me = format!("Runner-{k}");
                println!("{me} is ready");
                all_ready.wait();
                run(&me, gun);
                half_way.wait(); // Not one passes here before all have run.
                println!("{me} arrives");
            });
        }
        timeline::lane("Starter");
        all_ready.wait();
        nap(1.0);
        println!("Starter fires");
        gun.set();
        nap(0.5);
        s.spawn(|| run("Latecomer", gun));
    });
}

/// Waits for the shot, and runs.
fn run(me: &str, gun: &Event) {
    timeline::lane(me);
    let watch = Stopwatch::start();
    let waiting = timeline::waiting("waits for the shot");
    gun.wait();
    drop(waiting);
    println!("{me} runs, after waiting for {watch} s");
    let _running = timeline::working("runs");
    assert!(gun.is_set(), "nobody runs before the shot");
    nap(1.0);
}
// ANCHOR_END: starting_gun

// ANCHOR: timeout
fn timeout() {
    let [gave_up, event] = &[const { Event::new() }; 2];
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
            gave_up.wait(); // So the first wait returns false, every time.
            let _span = timeline::working("works");
            nap(0.5);
            println!("Setter sets the event");
            event.set();
        });
    });
}

/// Waits for as many seconds at the most, and says what came of it.
fn wait(event: &Event, seconds: f64) {
    let watch = Stopwatch::start();
    let _span = timeline::waiting(&format!("wait({seconds})"));
    let was_set = event.wait_timeout(at_pace(seconds));
    println!("Waiter: wait({seconds}) returned {was_set} after {watch} s");
}
// ANCHOR_END: timeout
