//! A job on an engine: how far it has come, and its end.

use std::error::Error;

use task_farm::{JobOwner, Stats, open_job};

use crate::options::Job;

pub fn status(args: &[String]) -> Result<(), Box<dyn Error>> {
    let job = Job::read(args)?;
    let Stats {
        waiting,
        leased,
        done,
        failed,
        redelivered,
        duplicates,
        workers,
        workers_seen,
        closed,
        ..
    } = open(&job)?.stats()?;
    println!(
        "{}: {waiting} waiting, {leased} out, {done} done, workers: {workers} \
         of {workers_seen} seen, given out again: {redelivered}, results \
         dropped: {duplicates}{}{}",
        job.name,
        if failed > 0 { format!(", failed: {failed}") } else { String::new() },
        if closed { ", all done" } else { "" },
    );
    Ok(())
}

pub fn clear(args: &[String]) -> Result<(), Box<dyn Error>> {
    let job = Job::read(args)?;
    open(&job)?.remove()?;
    println!("{}: forgotten", job.name);
    Ok(())
}

fn open(job: &Job) -> Result<Box<dyn JobOwner>, task_farm::Error> {
    open_job(&job.url, &job.key)
}
