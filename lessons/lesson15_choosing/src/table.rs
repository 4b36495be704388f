//! The ways to do the same jobs, measured, one row each.

use std::collections::BTreeSet;
use std::io;

use shared::clock::Stopwatch;
use shared::measure::Series;

use crate::strategies::AllDone;

/// A way to do the jobs, with so many workers.
pub type Way<'a> = (&'a str, &'a [usize], &'a dyn Fn(usize) -> AllDone);

/// A row for each way and number of workers, compared with the first row. The
/// `last` column combines the results of the jobs.
pub fn print_table(
    last: &str,
    combine: fn(usize, usize) -> usize,
    ways: &[Way],
) -> io::Result<()> {
    println!(
        "way        workers      seconds (spread)  speed-up  processes  \
         threads  {last:>7}"
    );
    let mut first = None;
    for (way, numbers, work) in ways {
        for &workers in *numbers {
            let mut done = Vec::new();
            let seconds = Series::of(|| {
                let watch = Stopwatch::start();
                done = work(workers)?;
                Ok(watch.seconds())
            })?;
            let first = *first.get_or_insert(seconds.median());
            let speed_up = first / seconds.median();
            let pids: BTreeSet<_> = done.iter().map(|done| done.pid).collect();
            let ids = done.iter().map(|done| (done.pid, &done.thread));
            let threads: BTreeSet<_> = ids.collect();
            let results = done.iter().map(|done| done.result);
            println!(
                "{way:<9}  {workers:>7}  {seconds:>20}  {speed_up:>6.2} x  \
                 {:>9}  {:>7}  {:>7}",
                pids.len(),
                threads.len(),
                results.reduce(combine).expect("there are jobs")
            );
        }
    }
    Ok(())
}
