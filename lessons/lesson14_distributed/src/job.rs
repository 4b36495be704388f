//! A job on an engine: how far it has come, and its end.

use std::error::Error;

use task_farm::{JobOwner, open_job};

use crate::options::{JOB, Options};

pub fn status(args: &[String]) -> Result<(), Box<dyn Error>> {
    let (name, mut job) = open(args)?;
    let it = job.stats()?;
    println!(
        "{name}: {} waiting, {} out, {} done, workers: {} of {} seen, given \
         out again: {}, results dropped: {}{}{}",
        it.waiting,
        it.leased,
        it.done,
        it.workers,
        it.workers_seen,
        it.redelivered,
        it.duplicates,
        match it.failed {
            0 => String::new(),
            failed => format!(", failed: {failed}"),
        },
        if it.closed { ", all done" } else { "" },
    );
    Ok(())
}

pub fn clear(args: &[String]) -> Result<(), Box<dyn Error>> {
    let (name, mut job) = open(args)?;
    job.remove()?;
    println!("{name}: forgotten");
    Ok(())
}

/// The job, and its name.
type Named = (String, Box<dyn JobOwner>);

fn open(args: &[String]) -> Result<Named, Box<dyn Error>> {
    let options = Options::read(JOB, args)?;
    let which = || lexopt::Error::from("which one? Say --queue and --job");
    let job = options.job()?.ok_or_else(which)?;
    let name = options.text("job").unwrap_or_default();
    Ok((name.into(), open_job(&job.url, &options.key()?)?))
}
