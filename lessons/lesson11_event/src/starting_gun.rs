//! One `set` releases every thread that waits.

use std::sync::Barrier;
use std::thread;

use shared::clock::Stopwatch;
use shared::{nap, timeline};

use crate::event::Event;

/// The runners that meet at half time.
const RUNNERS: usize = 5;

// ANCHOR: starting_gun
pub fn starting_gun() {
    let gun = &Event::new();
    let all_ready = &Barrier::new(RUNNERS + 1);
    let halfway = &Barrier::new(RUNNERS);
    thread::scope(|s| {
        for k in 1..=RUNNERS {
            s.spawn(move || {
                let me = format!("Runner-{k}");
                println!("{me} is ready");
                all_ready.wait();
                run(&me, gun);
                halfway.wait(); // Opens when all five are running.
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

/// Waits for the shot, then runs.
fn run(me: &str, gun: &Event) {
    timeline::lane(me);
    let watch = Stopwatch::start();
    let waiting = timeline::waiting("waits for the shot");
    gun.wait();
    drop(waiting);
    println!("{me} runs, after waiting for {watch} s");
    let _running = timeline::working("runs");
    assert!(gun.is_set(), "no runner runs before the shot");
    nap(1.0);
}
// ANCHOR_END: starting_gun
