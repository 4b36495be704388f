//! Medians with their spread, in rows.

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use shared::clock::Stopwatch;

use crate::done::Done;

/// How many times everything is measured.
pub const TRIES: usize = 3;

/// What was measured several times.
#[derive(Debug)]
pub struct Series(Vec<f64>);

impl Series {
    pub fn of(measure: impl FnMut() -> io::Result<f64>) -> io::Result<Self> {
        let measured = std::iter::repeat_with(measure).take(TRIES);
        let mut measured = measured.collect::<io::Result<Vec<_>>>()?;
        measured.sort_by(f64::total_cmp);
        Ok(Self(measured))
    }

    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
}

/// The median, followed by the spread: `0.153 (0.150-0.162)`.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        let low = self.0[0];
        let high = self.0[self.0.len() - 1];
        let median = self.median();
        let text =
            format!("{median:.digits$} ({low:.digits$}-{high:.digits$})");
        match f.width() {
            Some(width) => write!(f, "{text:>width$}"),
            None => f.write_str(&text),
        }
    }
}

/// The strategies, one row each. The last column combines the jobs' results.
pub struct Table {
    combine: fn(&[Done]) -> usize,
    alone: Option<f64>,
}

impl Table {
    pub fn new(last: &str, combine: fn(&[Done]) -> usize) -> Self {
        println!(
            "way        workers      seconds (spread)  speed-up  processes  \
             threads  {last:>7}"
        );
        Self { combine, alone: None }
    }

    /// Measures one strategy with so many workers. The other rows are compared
    /// with the first.
    pub fn row(
        &mut self,
        way: &str,
        workers: usize,
        work: impl Fn() -> io::Result<Vec<Done>>,
    ) -> io::Result<()> {
        let mut done = Vec::new();
        let seconds = Series::of(|| {
            let watch = Stopwatch::start();
            done = work()?;
            Ok(watch.seconds())
        })?;
        let alone = *self.alone.get_or_insert(seconds.median());
        let speed_up = alone / seconds.median();
        let pids: BTreeSet<_> = done.iter().map(|done| done.pid).collect();
        let who = |done: &Done| (done.pid, done.thread.clone());
        let threads: BTreeSet<_> = done.iter().map(who).collect();
        println!(
            "{way:<9}  {workers:>7}  {seconds:>20}  {speed_up:>6.2} x  \
             {:>9}  {:>7}  {:>7}",
            pids.len(),
            threads.len(),
            (self.combine)(&done)
        );
        Ok(())
    }
}
