//! What a master says about how far its job has come.

use std::time::{Duration, Instant};

use shared::clock::at_pace;
use task_farm::{Error, JobOwner, Stats};

/// Says how far it has come, once a second at the most, when there is news.
pub struct Progress {
    all: u64,
    next: Instant,
    last_line: String,
}

impl Progress {
    pub fn start(all: u64) -> Self {
        let next = Instant::now() + at_pace(1.0);
        Self { all, next, last_line: String::new() }
    }

    pub fn time_left(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    pub fn tell(
        &mut self,
        me: &str,
        job: &mut dyn JobOwner,
    ) -> Result<Option<Stats>, Error> {
        if !self.time_left().is_zero() {
            return Ok(None);
        }
        self.next = Instant::now() + at_pace(1.0);
        let stats = job.stats()?;
        let Stats { done, leased, workers, .. } = stats;
        let all = self.all;
        let news =
            format!("{done} of {all} done, {leased} out, workers: {workers}");
        if news != self.last_line {
            println!("{me}: {news}");
            self.last_line = news;
        }
        Ok(Some(stats))
    }
}

pub fn print_summary(me: &str, job: &mut dyn JobOwner) -> Result<(), Error> {
    let Stats {
        done, workers_seen, failed, redelivered, duplicates, busy, ..
    } = job.stats()?;
    let speed = done as f64 / busy.as_secs_f64().max(1e-9);
    let failed = match failed {
        0 => String::new(),
        failed => format!("failed: {failed}, "),
    };
    println!(
        "{me}: tasks: {done}, workers seen: {workers_seen}, {failed}given out \
         again: {redelivered}, results dropped: {duplicates}, \
         tasks a second: {speed:.1}"
    );
    Ok(())
}
