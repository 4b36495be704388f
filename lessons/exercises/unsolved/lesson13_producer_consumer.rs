//! # Exercise 13: a stage of a pipeline
//!
//! Write `stage`: `workers` threads receive items from `input`, call `f` on each,
//! and send the results through a bounded channel to the thread that called
//! `stage`. It calls `sink` with each result, in the order in which they arrive.
//!
//! - At most `capacity` results wait in the channel. If `sink` is slow, the
//!   workers block.
//! - `stage` returns when the input has ended and every result was passed on.
//! - If `f` panics, `sink` gets the panic as `Err`, and the other items are
//!   still worked on.
//!
//! Check it: `cargo test -p exercises lesson13`

use std::sync::mpsc::Receiver;
use std::thread;

/// Works on all items of the input.
pub fn stage<T, R, F>(
    input: Receiver<T>,
    workers: usize,
    capacity: usize,
    f: F,
    mut sink: impl FnMut(thread::Result<R>),
) where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    todo!()
}
