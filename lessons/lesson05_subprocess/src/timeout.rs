//! A timeout for a child that has a child of its own.

use std::error::Error;
use std::io::{BufRead, BufReader, Lines, Write};

use nix::sys::signal::Signal;
use shared::clock::at_pace;
use shared::{nap, timeline};
use subprocess::unix::JobExt;
use subprocess::{ExecExt, Job};

use crate::grandchild::{child_command, reap};
use crate::status::describe_status;

/// What is killed after the timeout.
pub enum KillTarget {
    Child,
    Group,
}

// ANCHOR: timeout
/// Starts a child that starts a grandchild, and kills after one second.
pub fn timeout(target: KillTarget) -> Result<(), Box<dyn Error>> {
    let child = child_command()?;
    let (child, leads) = match target {
        KillTarget::Child => (child, ""),
        KillTarget::Group => (child.setpgid(), "leads a group and "),
    };
    let mut job = child.start()?;
    let output = job.stdout.take().expect("it is piped");
    let mut output = BufReader::new(output).lines();
    let grandchild = output.next().ok_or("the child printed nothing")??;
    println!("child ({}) {leads}has a child ({grandchild})", job.pid());

    let waiting = timeline::waiting("one second");
    let status = job.wait_timeout(at_pace(1.0))?;
    drop(waiting);
    assert_eq!(status, None, "without a timeout it would not end");
    match target {
        KillTarget::Child => job.kill()?,
        KillTarget::Group => job.send_signal_group(Signal::SIGKILL as i32)?,
    }
    let status = describe_status(job.wait()?);
    println!("child ({}): timeout, {status}", job.pid());
    timeline::process_exited(job.pid());
    ask_grandchild(job, output, grandchild.parse()?)
}
// ANCHOR_END: timeout

// ANCHOR: ask_grandchild
/// Writes into the pipe that both had as standard input. If the grandchild is
/// alive, it answers. Otherwise the output is at its end.
fn ask_grandchild(
    mut job: Job,
    mut output: Lines<impl BufRead>,
    grandchild: i32,
) -> Result<(), Box<dyn Error>> {
    let mut input = job.stdin.take().expect("it is piped");
    let _ = input.write_all(b"are you there?\n"); // The pipe may be broken.
    match output.next() {
        Some(answer) => {
            println!("{}", answer?);
            nap(0.5);
        }
        None => println!("grandchild ({grandchild}): gone as well"),
    }
    drop(input); // The grandchild exits at the end of its input.
    assert_eq!(output.count(), 0, "one question, one answer");
    reap(grandchild)
}
// ANCHOR_END: ask_grandchild
