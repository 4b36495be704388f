//! Threads in pairs: the second one speaks first.

use std::sync::Barrier;
use std::thread::{self, Builder};

use shared::clock::{Stopwatch, at_pace};
use shared::{nap, timeline};

use crate::event::Event;

pub fn toggle() {
    println!("Ten threads:");
    in_pairs(10);
    println!("Nine threads:");
    in_pairs(9);
    println!("Two threads, in three steps:");
    forced();
}

// ANCHOR: in_pairs
/// Of each pair the even thread waits until the odd one has spoken.
fn in_pairs(threads: usize) {
    let event = &Event::new();
    for even in (0..threads).step_by(2) {
        event.clear(); // Before the two are there: nobody else looks at it.
        let odd = even + 1;
        thread::scope(|s| {
            named(even).spawn_scoped(s, || wait_and_speak(event)).unwrap();
            if odd < threads {
                named(odd).spawn_scoped(s, || speak_and_set(event)).unwrap();
            } else {
                event.set(); // The last one has no partner.
            }
        });
    }
}

fn wait_and_speak(event: &Event) {
    let waiting = timeline::waiting("waits");
    event.wait();
    drop(waiting);
    println!("{}", name());
}

fn speak_and_set(event: &Event) {
    let _working = timeline::working("works");
    nap(0.1);
    println!("{}", name());
    event.set();
}
// ANCHOR_END: in_pairs

/// A thread that has its number for a name, as in the documents.
fn named(number: usize) -> Builder {
    Builder::new().name(number.to_string())
}

/// The name of the thread that asks.
fn name() -> String {
    thread::current().name().expect("all of these have one").into()
}

// ANCHOR: three_steps
/// Two of the documents' threads; a barrier makes both look at the flag before
/// either of them clears it.
fn forced() {
    let event = &Event::new();
    let both_have_looked = &Barrier::new(2);
    event.set();
    thread::scope(|s| {
        for i in [0, 1] {
            let run = || three_steps(event, both_have_looked);
            named(i).spawn_scoped(s, run).unwrap();
        }
    });
}

fn three_steps(event: &Event, both_have_looked: &Barrier) {
    let me = name();
    if event.is_set() {
        both_have_looked.wait();
        event.clear();
        println!("{me} saw that it was set, cleared it, and waits");
        let watch = Stopwatch::start();
        let _span = timeline::waiting("waits for nobody");
        match event.wait_timeout(at_pace(0.5)) {
            true => println!("{me}"),
            false => println!("{me} gives up after {watch} s: nobody set it"),
        }
    } else {
        println!("{me}");
        event.set();
    }
}
// ANCHOR_END: three_steps
