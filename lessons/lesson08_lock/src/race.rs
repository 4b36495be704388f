//! Two threads change one balance without a lock.

use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;

pub fn race() {
    left_to_luck();
    forced();
}

// ANCHOR: left_to_luck
/// The result depends on when the operating system runs which thread.
fn left_to_luck() {
    let balance = &AtomicI64::new(0);
    let lost: usize = thread::scope(|s| {
        let threads = [5, 8].map(|n| {
            s.spawn(move || {
                let round = |_| add(balance, n) + add(balance, -n);
                (0..100_000).map(round).sum::<usize>()
            })
        });
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    let balance = balance.load(Relaxed);
    println!("Left to luck, the balance is: {balance} ({lost} updates lost)");
}

/// `balance = balance + n`: read, add, write. If another thread writes between
/// the read and the write, its update is lost, and `swap` returns another
/// value than the one read. Returns how many updates were lost, 0 or 1.
fn add(balance: &AtomicI64, n: i64) -> usize {
    let x = balance.load(Relaxed);
    let overwritten = balance.swap(x + n, Relaxed);
    usize::from(overwritten != x)
}
// ANCHOR_END: left_to_luck

// ANCHOR: forced
/// The same two threads. A barrier makes them take turns in the order that
/// loses 8.
fn forced() {
    let balance = &AtomicI64::new(0);
    let turn = &Barrier::new(2);
    thread::scope(|s| {
        s.spawn(|| {
            let x1 = read_and_add("t1: x1", balance, 5);
            turn.wait();
            // t2 runs.
            turn.wait();
            write("t1", balance, x1);
            let x1 = read_and_add("t1: x1", balance, -5);
            write("t1", balance, x1);
            turn.wait();
        });
        s.spawn(|| {
            turn.wait();
            let x2 = read_and_add("t2: x2", balance, 8);
            write("t2", balance, x2);
            turn.wait();
            // t1 runs.
            turn.wait();
            let x2 = read_and_add("t2: x2", balance, -8);
            write("t2", balance, x2);
        });
    });
    let balance = balance.load(Relaxed);
    println!("Forced, the balance is: {balance}");
    assert_eq!(balance, -8, "the order is fixed, and so is the result");
}
// ANCHOR_END: forced

fn read_and_add(variable: &str, balance: &AtomicI64, n: i64) -> i64 {
    let old = balance.load(Relaxed);
    let x = old + n;
    let sign = if n < 0 { '-' } else { '+' };
    println!("{variable} = {old} {sign} {} = {x}", n.abs());
    x
}

fn write(thread: &str, balance: &AtomicI64, x: i64) {
    balance.store(x, Relaxed);
    println!("{thread}: balance = {x}");
}
