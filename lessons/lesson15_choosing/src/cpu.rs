//! CPU-bound work, in several ways.

use std::collections::BTreeSet;
use std::error::Error;
use std::{io, thread};

use shared::clock::at_pace;
use shared::task::{count_primes, primes_limit};

use crate::strategies::*;
use crate::table::print_table;

/// A number that one, two, three, four or six workers share evenly.
const JOBS: usize = 12;

// ANCHOR: cpu
pub fn cpu() -> io::Result<()> {
    // Half a second for one worker, in Rust as in Python.
    let limit = primes_limit(at_pace(0.5) / JOBS as u32);
    println!("{JOBS} times the primes below {limit}");
    let primes = || Ok(count_primes(limit));
    let cores = thread::available_parallelism()?.get();
    let many = BTreeSet::from([1, 2, 4, cores.min(JOBS)]);
    let many = &Vec::from_iter(many)[..];
    let in_children = |processes_and_threads| {
        let limit = limit.to_string();
        in_processes(JOBS, processes_and_threads, "compute", &limit)
    };
    print_table(
        "primes",
        |a, b| a + b,
        &[
            ("sequence", &[1], &|_| in_sequence(JOBS, &primes)),
            ("threads", many, &|n| in_threads(JOBS, n, &primes)),
            ("processes", many, &|n| in_children([n, 1])),
            ("both", &[4], &|_| in_children([2, 2])),
            ("tasks", many, &|n| in_tasks(JOBS, n, async || primes())),
        ],
    )
}
// ANCHOR_END: cpu

/// In a child.
pub fn compute(args: &[String]) -> Result<(), Box<dyn Error>> {
    let limit = args[2].parse()?;
    do_share(args, &|| Ok(count_primes(limit)))
}
