//! A thread of a program that is a process.

use std::io::{self, BufRead, Write};
use std::panic::resume_unwind;
use std::process::Child;
use std::thread;

use super::execution::{Handle, Steps};
use super::thread::{EndOfSchedule, Position, Report, Thread, Turn};

/// Takes the steps of a thread in this process, which is a child of the one
/// that decides on the schedule; there, [`Thread::relay`] is the other end.
///
/// ```
/// use shared::schedule::{Thread, serve};
///
/// fn steps(me: &Thread, word: &&str) {
///     me.step(|| word.len());
/// }
///
/// let mut reports = Vec::new();
/// serve(&"word", steps, &b"go\n"[..], &mut reports).unwrap();
/// let reports = String::from_utf8(reports).unwrap();
/// assert!(reports.ends_with("\nend\t\t4\n"), "it was at a gate, then at its end");
/// ```
///
/// # Errors
///
/// When one of the two ends cannot be read or written.
pub fn serve<S: Sync + 'static>(
    shared: &S,
    steps: Steps<S>,
    turns: impl BufRead,
    mut reports: impl Write,
) -> io::Result<()> {
    thread::scope(|scope| {
        let handle = Handle::start(scope, "child", shared, steps);
        writeln!(reports, "{}", line_of(&handle.report()))?;
        for turn in turns.lines() {
            let report = match turn?.as_str() {
                GO => handle.send(Turn::Go),
                POLL => handle.send(Turn::Poll),
                _ => break,
            };
            writeln!(reports, "{}", line_of(&report))?;
            if report.position == Position::Finished {
                break;
            }
        }
        Ok(())
    })
}

impl Thread {
    /// The steps of this thread are those of a child process, which calls
    /// [`serve`] with the other ends of `reports` and `turns`. Waits for the
    /// child, also when the schedule ends before the child does.
    ///
    /// ```no_run
    /// use std::io::BufReader;
    /// use std::process::{Command, Stdio};
    /// use shared::schedule::Thread;
    ///
    /// fn process(me: &Thread) {
    ///     let mut command = Command::new("child");
    ///     command.stdin(Stdio::piped()).stdout(Stdio::piped());
    ///     let mut child = command.spawn().unwrap();
    ///     let turns = child.stdin.take().unwrap();
    ///     let reports = BufReader::new(child.stdout.take().unwrap());
    ///     me.relay(child, reports, turns);
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// When the child ends before its last step.
    pub fn relay(
        &self,
        child: Child,
        reports: impl BufRead,
        mut turns: impl Write,
    ) {
        let child = Waited(child);
        for line in reports.lines() {
            let line = line.expect("the child is there");
            let Report { position, did } = report_of(&line);
            self.did.replace(did);
            if position == Position::Finished {
                return;
            }
            self.report(position);
            let turn = match self.turns.recv() {
                Ok(Turn::Go) => GO,
                Ok(Turn::Poll) => POLL,
                Err(_) => END,
            };
            writeln!(turns, "{turn}").expect("the child is there");
            if turn == END {
                drop(child);
                resume_unwind(Box::new(EndOfSchedule));
            }
        }
        panic!("the child has ended before its last step");
    }
}

const GO: &str = "go";
const POLL: &str = "poll";
const END: &str = "end";

/// A child that is waited for.
struct Waited(Child);

impl Drop for Waited {
    fn drop(&mut self) {
        let _ = self.0.wait();
    }
}

/// A report as a line: where the thread is, what it waits for, what it did.
fn line_of(Report { position, did }: &Report) -> String {
    match position {
        Position::Gate { line, waits_for } => {
            let waits_for = waits_for.as_deref().unwrap_or_default();
            format!("{line}\t{waits_for}\t{did}")
        }
        Position::Finished => format!("end\t\t{did}"),
    }
}

fn report_of(line: &str) -> Report {
    let mut parts = line.splitn(3, '\t');
    let mut part = || parts.next().unwrap_or_default().to_string();
    let line = part();
    let waits_for = part();
    let did = part();
    let position = match line.parse() {
        Ok(line) => {
            let waits_for = Some(waits_for).filter(|it| !it.is_empty());
            Position::Gate { line, waits_for }
        }
        Err(_) => Position::Finished,
    };
    Report { position, did }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_survives_as_a_line() {
        for line in ["7\t\t5", "7\tA, which t2 holds\t", "end\t\t()"] {
            assert_eq!(line_of(&report_of(line)), line);
        }
    }
}
