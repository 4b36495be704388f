//! # Exercise 14: a table of leases
//!
//! A master leases tasks to workers. A worker that dies never sends its result,
//! so a lease ends by itself, and the task is leased again. Write the table. Time
//! is a number that the caller passes: it never decreases.
//!
//! - `lease` returns a task that is neither complete nor leased at `now`. A lease
//!   that began at 5 and lasts 10 has ended at 15.
//! - The first result for a task counts, whichever worker sends it and however
//!   late. It is credited to the worker that sent it. All later results for this
//!   task are duplicates: `complete` returns `false`.
//!
//! Check it: `cargo test -p exercises lesson14`

/// Which task is leased to which worker.
pub struct LeaseTable {}

impl LeaseTable {
    /// A table of the tasks `0..tasks`, with leases that last so long.
    pub fn new(tasks: usize, duration: u64) -> Self {
        todo!()
    }

    /// Leases a task to a worker, if there is one.
    pub fn lease(&mut self, worker: &str, now: u64) -> Option<usize> {
        todo!()
    }

    /// A worker sends the result of a task. Returns whether it counts.
    pub fn complete(&mut self, worker: &str, task: usize) -> bool {
        todo!()
    }

    /// How many results of this worker count.
    pub fn credit(&self, worker: &str) -> usize {
        todo!()
    }
}
