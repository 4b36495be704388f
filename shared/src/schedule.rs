//! A small concurrent program whose threads take their steps in any order
//! that a reader chooses, and in every order there is.
//!
//! A [`Program`] has a function for each thread. Each step in it is a call of
//! its [`Thread`], which waits there until it is its turn:
//!
//! ```
//! use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
//!
//! use shared::schedule::{Graph, Program, Thread};
//!
//! const RACE: Program<AtomicI64> = Program {
//!     source: "",
//!     threads: &[("t1", add_one), ("t2", add_one)],
//!     start: || AtomicI64::new(0),
//!     show: |count| format!("count = {}", count.load(Relaxed)),
//!     end: |count| match count.load(Relaxed) {
//!         2 => Ok("No update is lost.".into()),
//!         _ => Err("An update is lost.".into()),
//!     },
//!     goals: &[("Lose an update", "An update is lost.")],
//! };
//!
//! fn add_one(me: &Thread, count: &AtomicI64) {
//!     let x = me.step(|| count.load(Relaxed));
//!     me.step(|| count.store(x + 1, Relaxed));
//! }
//!
//! let graph = Graph::of(&RACE);
//! assert_eq!(graph.schedules(), 6);
//! assert_eq!(graph.schedules_that_end_well(), 2);
//! assert_eq!(graph.shortest_to("An update is lost."), Some(vec![0, 1, 0, 1]));
//! ```
//!
//! The threads are real ones, in one schedule and in all of them.

mod execution;
mod explorer;
mod follow;
mod json;
mod process;
mod source;
mod thread;

pub use execution::{Program, State, Step, Steps, execute};
pub use explorer::{Edge, Graph};
pub use follow::Schedule;
pub use process::serve;
pub use thread::{Condvar, Lock, Position, Thread};
