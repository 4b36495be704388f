//! A notify without a predicate, one step at a time:
//! `lost_wakeup --schedule 1,1,1,2,2`.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use shared::schedule::{Condvar, Lock, Program, Thread};

// ANCHOR: LOST_WAKEUP
pub const LOST_WAKEUP: Program<Shop> = Program {
    source: include_str!("lost_wakeup_steps.rs"),
    threads: &[("seller", seller), ("buyer", buyer)],
    start: || Shop {
        lock: Lock::new("the lock", ()),
        changed: Condvar::default(),
        sent: AtomicBool::new(false),
        is_disappointed: AtomicBool::new(false),
    },
    show: |shop| match shop.is_disappointed.load(Relaxed) {
        false => format!("sent = {}, {}", shop.sent.load(Relaxed), shop.lock),
        true => format!(
            "sent = {}, {}, the buyer has found nothing",
            shop.sent.load(Relaxed),
            shop.lock
        ),
    },
    end: |shop| match shop.is_disappointed.load(Relaxed) {
        false => Ok("The buyer wakes up and the parcel is sent.".into()),
        true => Err("The buyer wakes up too early.".into()),
    },
    goals: &[
        ("Make the buyer wait forever", "buyer waits for a notify, forever."),
        ("Make the buyer wake up too early", "The buyer wakes up too early."),
    ],
};

pub struct Shop {
    lock: Lock<()>,
    changed: Condvar,
    sent: AtomicBool,
    is_disappointed: AtomicBool,
}

fn seller(seller: &Thread, shop: &Shop) {
    seller.step(|| shop.changed.notify_one()); // The parcel is packed.
    seller.step(|| shop.sent.store(true, Relaxed));
    seller.step(|| shop.changed.notify_one()); // The parcel is sent.
}

fn buyer(buyer: &Thread, shop: &Shop) {
    let guard = buyer.lock(&shop.lock);
    let _guard = buyer.wait(&shop.changed, &shop.lock, guard);
    if !buyer.step(|| shop.sent.load(Relaxed)) {
        shop.is_disappointed.store(true, Relaxed);
    }
}
// ANCHOR_END: LOST_WAKEUP
