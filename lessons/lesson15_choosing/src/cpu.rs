//! CPU-bound work, in several ways.

use std::collections::BTreeSet;
use std::io;

use shared::clock::at_pace;
use shared::exit_when_parent_dies;
use shared::task::{count_primes, primes_limit};

use crate::done::{Done, print_report};
use crate::strategies::{
    in_processes, in_rayon, in_sequence, in_tasks, in_threads,
};
use crate::table::Table;

/// A number that one, two, three, four or six workers share evenly.
const JOBS: usize = 12;

// ANCHOR: cpu
pub fn cpu() -> io::Result<()> {
    // Half a second for one worker, in Rust as in Python.
    let limit = primes_limit(at_pace(0.5) / JOBS as u32);
    println!("{JOBS} times the primes below {limit}");
    let primes = || Ok(count_primes(limit));
    let arg = &limit.to_string();
    let mut table = Table::new("primes", primes_of);
    table.row("sequence", 1, || in_sequence(JOBS, primes))?;
    for n in workers() {
        table.row("threads", n, || in_threads(JOBS, n, primes))?;
    }
    for n in workers() {
        let work = || in_processes(JOBS, n, 1, "compute", arg);
        table.row("processes", n, work)?;
    }
    // Two processes of two threads each.
    table.row("both", 4, || in_processes(JOBS, 2, 2, "compute", arg))?;
    for n in workers() {
        table.row("rayon", n, || in_rayon(JOBS, n, primes))?;
    }
    for n in workers() {
        table.row("tasks", n, || in_tasks(JOBS, n, async || primes()))?;
    }
    Ok(())
}
// ANCHOR_END: cpu

/// One worker, two, four, and as many as there are usable cores.
fn workers() -> BTreeSet<usize> {
    [1, 2, 4, num_cpus::get().min(JOBS)].into()
}

/// How many primes were found.
fn primes_of(done: &[Done]) -> usize {
    done.iter().map(|done| done.result).sum()
}

/// A child's share: how many jobs, in how many threads, and the limit.
pub fn compute(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    exit_when_parent_dies();
    let limit = args[2].parse()?;
    let primes = || Ok(count_primes(limit));
    let done = in_threads(args[0].parse()?, args[1].parse()?, primes)?;
    print_report(&done);
    Ok(())
}
