//! What a job has found.

use std::process;
use std::thread;

/// What a job has found, and the process and thread that did it.
pub struct Done {
    pub result: usize,
    pub pid: u32,
    pub thread: String,
}

impl Done {
    pub fn here(result: usize) -> Self {
        let thread = format!("{:?}", thread::current().id());
        Self { result, pid: process::id(), thread }
    }

    /// Reads what `print_report` has written.
    pub fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let result = words.next()?;
        let pid = words.next()?;
        let result = result.parse().ok()?;
        let pid = pid.parse().ok()?;
        Some(Self { result, pid, thread: words.next()?.into() })
    }
}

/// Reports to the parent what was done, a line for each job.
pub fn print_report(done: &[Done]) {
    for Done { result, pid, thread } in done {
        println!("{result} {pid} {thread}");
    }
}
