//! # Exercise 8b: make this program compile
//!
//! Every thread calls `f` and adds the result to the total. The compiler refuses
//! it with `error[E0499]`: the threads would all borrow the total mutably.
//! Change the body so that it compiles and returns the sum.
//!
//! - All threads are in `f` at the same time.
//! - No result is lost.
//!
//! Check it: `cargo test -p exercises lesson08_refused`

use std::thread;

/// The sum of what `f` returns to each of the threads.
pub fn total(threads: usize, f: impl Fn() -> u64 + Sync) -> u64 {
    let mut total = 0;
    thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| total += f());
        }
    });
    total
}
