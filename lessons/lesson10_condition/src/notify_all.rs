//! Five waiters: which ones wake up, how often, and at what cost.

use std::sync::{Condvar, Mutex};
use std::thread;

use shared::clock::{Stopwatch, thread_cpu_seconds};
use shared::{nap, timeline};

// ANCHOR: PostOffice
struct PostOffice {
    counter: Mutex<Counter>,
    /// For the waiters: a parcel may be here.
    arrived: Condvar,
    /// For the main thread: a waiter has come, or has woken up.
    waiters_changed: Condvar,
}

struct Counter {
    waiters: usize,
    parcels: usize,
    wake_ups: usize,
}

static OFFICE: PostOffice = PostOffice {
    counter: Mutex::new(Counter { waiters: 0, parcels: 0, wake_ups: 0 }),
    arrived: Condvar::new(),
    waiters_changed: Condvar::new(),
};
// ANCHOR_END: PostOffice

// ANCHOR: notify_all
pub fn notify_all() {
    let waiters =
        [1, 2, 3, 4, 5].map(|k| thread::spawn(move || wait_for_parcel(k)));
    let guard = OFFICE.counter.lock().unwrap();
    drop(OFFICE.waiters_changed.wait_while(guard, |c| c.waiters < 5).unwrap());
    timeline::lane("Main");
    nap(1.0); // The waiters sleep.

    let one = ("notify_one", Condvar::notify_one as fn(&Condvar));
    let all = ("notify_all", Condvar::notify_all as fn(&Condvar));
    deliver(1, one);
    deliver(1, all);
    deliver(3, one); // The mistake: three waiters could continue.
    deliver(0, all);
    for waiter in waiters {
        waiter.join().unwrap();
    }
}

/// Adds parcels, notifies, and counts a second later how many woke up.
fn deliver(more: usize, (name, notify): (&str, fn(&Condvar))) {
    let _span = timeline::working(name);
    let mut guard = OFFICE.counter.lock().unwrap();
    guard.parcels += more;
    guard.wake_ups = 0;
    let Counter { waiters, parcels, .. } = *guard;
    println!("Main: waiters: {waiters}, parcels: {parcels}, {name}");
    notify(&OFFICE.arrived);
    // At least one waiter will wake up, or all of them.
    let least = if name == "notify_one" { 1 } else { waiters };
    let few = |counter: &mut Counter| counter.wake_ups < least;
    drop(OFFICE.waiters_changed.wait_while(guard, few).unwrap());
    nap(1.0);
    let Counter { waiters, parcels, wake_ups } =
        *OFFICE.counter.lock().unwrap();
    println!(
        "Main: woken: {wake_ups}, waiters left: {waiters}, \
         parcels left: {parcels}"
    );
}
// ANCHOR_END: notify_all

// ANCHOR: wait_for_parcel
fn wait_for_parcel(k: usize) {
    timeline::lane(&format!("Waiter-{k}"));
    let watch = Stopwatch::start();
    let cpu = thread_cpu_seconds();
    let mut wake_ups = 0;
    let mut guard = OFFICE.counter.lock().unwrap();
    guard.waiters += 1;
    OFFICE.waiters_changed.notify_one();
    while guard.parcels == 0 {
        let _span = timeline::waiting("sleeps");
        guard = OFFICE.arrived.wait(guard).unwrap();
        wake_ups += 1;
        guard.wake_ups += 1;
        OFFICE.waiters_changed.notify_one();
    }
    guard.waiters -= 1;
    guard.parcels -= 1;
    let cpu = (thread_cpu_seconds() - cpu) * 1000.0;
    println!(
        "Waiter-{k} has a parcel: waited {watch} s, used {cpu:.2} ms CPU, \
         woke up: {wake_ups}"
    );
}
// ANCHOR_END: wait_for_parcel
