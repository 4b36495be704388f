//! CPU-bound work, in several ways.

use std::collections::BTreeSet;
use std::io;

use shared::clock::pace;
use shared::exit_when_parent_dies;
use shared::task::count_primes;

use crate::done::{Done, print_report};
use crate::strategies::{
    in_processes, in_rayon, in_sequence, in_tasks, in_threads,
};
use crate::table::Table;

/// A number that one, two, three, four or six workers share evenly.
const JOBS: usize = 12;

// ANCHOR: cpu
pub fn cpu() -> io::Result<()> {
    println!("{JOBS} times the primes below {}", limit());
    let mut table = Table::new("primes", primes_of);
    table.row("sequence", 1, || in_sequence(JOBS, primes))?;
    for n in workers() {
        table.row("threads", n, || in_threads(JOBS, n, primes))?;
    }
    for n in workers() {
        table
            .row("processes", n, || in_processes(JOBS, n, 1, "compute", ""))?;
    }
    // Two processes of two threads each.
    table.row("both", 4, || in_processes(JOBS, 2, 2, "compute", ""))?;
    for n in workers() {
        table.row("rayon", n, || in_rayon(JOBS, n, primes))?;
    }
    for n in workers() {
        table.row("tasks", n, || in_tasks(JOBS, n, async || primes()))?;
    }
    Ok(())
}

fn primes() -> io::Result<usize> {
    Ok(count_primes(limit()))
}
// ANCHOR_END: cpu

/// One worker, two, four, and as many as there are usable cores.
fn workers() -> BTreeSet<usize> {
    [1, 2, 4, num_cpus::get().min(JOBS)].into()
}

/// Less work at a quick pace, so that a test need not wait.
fn limit() -> u32 {
    (20_000.0 * pace().min(1.0).sqrt()) as u32
}

/// How many primes were found.
fn primes_of(done: &[Done]) -> usize {
    done.iter().map(|done| done.result).sum()
}

/// A child's share: how many jobs, in how many threads.
pub fn compute(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    exit_when_parent_dies();
    let done = in_threads(args[0].parse()?, args[1].parse()?, primes)?;
    print_report(&done);
    Ok(())
}
