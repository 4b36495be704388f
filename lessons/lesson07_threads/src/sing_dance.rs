//! Singing and dancing: in sequence, then in two threads at once.

use std::thread;

use shared::clock::Stopwatch;
use shared::{nap, timeline};

use crate::loop_thread::current_name;

// ANCHOR: sing_dance
pub fn sing_dance() {
    let watch = Stopwatch::start();
    sing(3);
    dance(Dance { num: 3 });
    println!("In sequence: {watch} s");

    let watch = Stopwatch::start();
    let singer = thread::Builder::new().name("Singer".into());
    let dancer = thread::Builder::new().name("Dancer".into());
    thread::scope(|s| {
        singer.spawn_scoped(s, || sing(3)).unwrap();
        dancer.spawn_scoped(s, || dance(Dance { num: 3 })).unwrap();
    });
    println!("At once: {watch} s");
}

/// Takes its argument by position.
fn sing(num: usize) {
    perform("Singing", num);
}

/// The arguments of [`dance`]. The fields of a struct have names.
struct Dance {
    num: usize,
}

fn dance(Dance { num }: Dance) {
    perform("Dancing", num);
}
// ANCHOR_END: sing_dance

fn perform(what: &str, num: usize) {
    let me = current_name();
    timeline::lane(&me);
    for _ in 0..num {
        let _span = timeline::working(what);
        println!("{what}...... ({me})");
        nap(0.5);
    }
}
