//! Proves the checks: every solution passes, and every wrong answer fails, as
//! does an exercise that is not solved.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;

use crate::Result;
use crate::checker::{Checker, Verdict};
use crate::exercise::Exercise;

/// How many checks run at once: an answer that hangs only waits.
const AT_ONCE: usize = 4;

/// How often a solution and a wrong answer are checked.
pub struct Runs {
    pub solution: usize,
    pub wrong: usize,
}

/// Checks every answer, and prints the table of the verdicts.
pub fn prove(exercises: &[Exercise], runs: &Runs) -> Result<()> {
    if let Some(started) = exercises.iter().find(|it| it.is_started()) {
        let reset = format!("cargo run -p exercises -- reset {started}");
        return Err(format!("{started} is not as it was: {reset}").into());
    }
    let checker = Checker::build(None)?;
    let mut faults = 0;
    for exercise in exercises {
        println!("{exercise}");
        let wrong = exercise.wrong()?;
        let mut row = |answer: &str, runs, is_right| -> Result<()> {
            let verdicts = verdicts(&checker, exercise, answer, runs)?;
            let as_wanted = |it: &&Verdict| it.is_ok() == is_right;
            let proved = verdicts.iter().filter(as_wanted).count();
            let wanted = if is_right { "passed" } else { "failed" };
            let failed = verdicts.iter().find_map(|it| it.as_ref().err());
            let line = failed.map_or(String::new(), |line| format!(": {line}"));
            println!("  {answer:<26} {proved} of {runs} {wanted}{line}");
            faults += runs - proved;
            Ok(())
        };
        row("solution", runs.solution, true)?;
        match exercise.refused_for() {
            None => row("src", runs.wrong, false)?,
            Some(error) => expect_refused(exercise, &error)?,
        }
        for answer in &wrong {
            row(answer, runs.wrong, false)?;
        }
    }
    match faults {
        0 => Ok(()),
        _ => Err(format!("verdicts that are not as wanted: {faults}").into()),
    }
}

/// The exercise as it is does not compile, for the reason that it gives.
fn expect_refused(exercise: &Exercise, error: &str) -> Result<()> {
    let Err(messages) = Checker::build(Some(exercise)) else {
        return Err(format!("{exercise} compiles, and must not").into());
    };
    let message = messages.to_string();
    let Some(line) = message.lines().find(|line| line.starts_with(error))
    else {
        return Err(format!("{exercise}: no {error} in\n{message}").into());
    };
    println!("  {:<26} 1 of 1 refused: {line}", "src");
    Ok(())
}

/// The verdicts of so many runs.
fn verdicts(
    checker: &Checker,
    exercise: &Exercise,
    answer: &str,
    runs: usize,
) -> Result<Vec<Verdict>> {
    let started = AtomicUsize::new(0);
    let (sender, verdicts) = mpsc::channel();
    thread::scope(|s| {
        for _ in 0..AT_ONCE {
            let sender = sender.clone();
            s.spawn(|| {
                let sender = sender;
                while started.fetch_add(1, Relaxed) < runs {
                    let verdict = checker.check(exercise, answer);
                    let verdict = verdict.map_err(|error| error.to_string());
                    sender.send(verdict).expect("the vector is not full");
                }
            });
        }
    });
    drop(sender);
    Ok(verdicts.into_iter().collect::<std::result::Result<_, _>>()?)
}
