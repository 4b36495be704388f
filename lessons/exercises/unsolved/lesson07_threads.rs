//! # Exercise 7: a parallel sum
//!
//! Write `parallel_sum`: it divides the items into at most `threads` parts,
//! adds up `value(item)` of each part in a thread of its own, and returns the
//! sum of all.
//!
//! - All parts are computed at the same time.
//! - Every item counts once, also when the number of items is not a multiple of
//!   the number of threads.
//! - When `value` panics, `parallel_sum` returns the panic as `Err`, also when
//!   several threads panic.
//!
//! Check it: `cargo test -p exercises lesson07_threads`

use std::thread;

/// The sum of `value(item)` over all items.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: usize,
    value: impl Fn(&T) -> u64 + Sync,
) -> thread::Result<u64> {
    todo!()
}
