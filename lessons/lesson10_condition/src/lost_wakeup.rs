//! A notify comes before the wait: without a predicate, and with one.

use std::sync::{Condvar, Mutex, mpsc};
use std::thread;

use shared::clock::{Stopwatch, at_pace};
use shared::{nap, timeline};

pub fn lost_wakeup() {
    println!("Seller is early, and there is no predicate:");
    without_predicate();
    println!("Seller is early, and there is a predicate:");
    with_predicate();
    println!("Seller is late, and there is a predicate:");
    late();
}

// ANCHOR: without_predicate
fn without_predicate() {
    let lock = &Mutex::new(());
    let notify = &Condvar::new();
    let (done, notified) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(move || {
            pack();
            notify.notify_one(); // No thread waits, and a notify is not stored.
            println!("{SENT}");
            done.send(()).unwrap();
        });
        s.spawn(move || {
            notified.recv().unwrap(); // The notify came before this.
            let guard = lock.lock().unwrap();
            let watch = start_waiting();
            let _span = timeline::waiting("waits for a notify");
            let second = at_pace(1.0);
            let (_guard, end) = notify.wait_timeout(guard, second).unwrap();
            let heard = if end.timed_out() { "no" } else { "a" };
            println!("Buyer: {heard} notification in {watch} s");
        });
    });
}
// ANCHOR_END: without_predicate

// ANCHOR: with_predicate
fn with_predicate() {
    let sent = &Mutex::new(false);
    let notify = &Condvar::new();
    let (done, notified) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(move || {
            pack();
            *sent.lock().unwrap() = true; // This is stored.
            notify.notify_one();
            println!("{SENT}");
            done.send(()).unwrap();
        });
        s.spawn(move || {
            notified.recv().unwrap();
            let guard = sent.lock().unwrap();
            let watch = start_waiting();
            let _span = timeline::waiting("waits for the parcel");
            let _sent = notify.wait_while(guard, |sent| !*sent).unwrap();
            println!("Buyer: the parcel was sent; I have waited {watch} s");
        });
    });
}
// ANCHOR_END: with_predicate

// ANCHOR: late
/// The same, but the notify comes while the buyer waits.
fn late() {
    let sent = &Mutex::new(false);
    let notify = &Condvar::new();
    let (go, wait) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(move || {
            wait.recv().unwrap();
            pack();
            // The buyer has held the lock since before it sent the message.
            // Its wait releases the lock.
            let mut guard = sent.lock().unwrap();
            *guard = true;
            notify.notify_one();
            println!("{SENT}");
        });
        s.spawn(move || {
            let guard = sent.lock().unwrap();
            let watch = start_waiting();
            go.send(()).unwrap();
            let _span = timeline::waiting("waits for the parcel");
            let _sent = notify.wait_while(guard, |sent| !*sent).unwrap();
            println!("Buyer: the parcel was sent; I have waited {watch} s");
        });
    });
}
// ANCHOR_END: late

const SENT: &str = "Seller: the parcel is on its way, and I notify";

fn pack() {
    timeline::lane("Seller");
    let _span = timeline::working("packs the parcel");
    nap(1.0);
}

fn start_waiting() -> Stopwatch {
    timeline::lane("Buyer");
    println!("Buyer: I wait for the parcel");
    Stopwatch::start()
}
