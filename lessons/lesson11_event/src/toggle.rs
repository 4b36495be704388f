//! Threads in pairs: the second one prints first.

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
/// In each pair the even thread waits until the odd one has printed.
fn in_pairs(threads: usize) {
    let event = &Event::new();
    for even in (0..threads).step_by(2) {
        event.clear(); // Before either thread of the pair starts.
        let odd = even + 1;
        thread::scope(|s| {
            named(even).spawn_scoped(s, || wait_and_print(event)).unwrap();
            if odd < threads {
                named(odd).spawn_scoped(s, || print_and_set(event)).unwrap();
            } else {
                event.set(); // The last one has no partner.
            }
        });
    }
}

fn wait_and_print(event: &Event) {
    let waiting = timeline::waiting("waits");
    event.wait();
    drop(waiting);
    println!("{}", name());
}

fn print_and_set(event: &Event) {
    let _working = timeline::working("works");
    nap(0.1);
    println!("{}", name());
    event.set();
}
// ANCHOR_END: in_pairs

/// A thread whose name is its number.
fn named(number: usize) -> Builder {
    Builder::new().name(number.to_string())
}

/// The name of the calling thread.
fn name() -> String {
    thread::current().name().expect("all of these have a name").into()
}

// ANCHOR: three_steps
/// Each thread tests the flag, clears it and waits, in three separate steps. A
/// barrier makes both test it before either of them clears it.
fn forced() {
    let event = &Event::new();
    let both_tested = &Barrier::new(2);
    event.set();
    thread::scope(|s| {
        for i in [0, 1] {
            let run = || three_steps(event, both_tested);
            named(i).spawn_scoped(s, run).unwrap();
        }
    });
}

fn three_steps(event: &Event, both_tested: &Barrier) {
    let me = name();
    if event.is_set() {
        both_tested.wait();
        event.clear();
        println!("{me} saw that it was set, cleared it, and waits");
        let watch = Stopwatch::start();
        let _span = timeline::waiting("waits for no thread");
        match event.wait_timeout(at_pace(0.5)) {
            true => println!("{me}"),
            false => {
                println!("{me} times out after {watch} s: no thread set it")
            }
        }
    } else {
        println!("{me}");
        event.set();
    }
}
// ANCHOR_END: three_steps
