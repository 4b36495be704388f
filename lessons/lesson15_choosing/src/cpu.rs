//! CPU-bound work, in several ways.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;

use shared::clock::pace;
use shared::task::count_primes;

use crate::strategies::*;
use crate::table::print_table;

/// A number that one, two, three, four or six workers share evenly.
const JOBS: usize = 12;

// ANCHOR: cpu
pub fn cpu() -> io::Result<()> {
    println!("{JOBS} times the primes below {}", limit());
    let many = BTreeSet::from([1, 2, 4, num_cpus::get().min(JOBS)]);
    let many = &Vec::from_iter(many)[..];
    print_table(
        "primes",
        |a, b| a + b,
        &[
            ("sequence", &[1], &|_| in_sequence(JOBS, &primes)),
            ("threads", many, &|n| in_threads(JOBS, n, &primes)),
            ("processes", many, &|n| in_children([n, 1])),
            ("both", &[4], &|_| in_children([2, 2])),
            ("rayon", many, &|n| in_rayon(JOBS, n, &primes)),
            ("tasks", many, &|n| in_tasks(JOBS, n, async || primes())),
        ],
    )
}

fn in_children(processes_and_threads: [usize; 2]) -> AllDone {
    in_processes(JOBS, processes_and_threads, "compute", "")
}

fn primes() -> io::Result<usize> {
    Ok(count_primes(limit()))
}
// ANCHOR_END: cpu

/// Less work at a quick pace, so that a test need not wait.
fn limit() -> u32 {
    (20_000.0 * pace().min(1.0).sqrt()) as u32
}

pub fn compute(args: &[String]) -> Result<(), Box<dyn Error>> {
    do_share(args, &primes)
}
