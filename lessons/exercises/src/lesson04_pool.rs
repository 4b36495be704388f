//! # Exercise 4: a pool that maps in order
//!
//! Write `map`, as `multiprocessing.Pool(n).map(f, items)`, with threads: it
//! calls `f` on every item, and returns the results in the order of the items.
//!
//! - At most `n` threads are at work, and all `n` if there are enough items.
//! - A thread that is free takes the next item, whichever it is.
//!
//! Check it: `cargo test -p exercises lesson04`

/// Maps the items with `n` threads.
pub fn map<T, R, F>(n: usize, items: Vec<T>, f: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    todo!()
}
