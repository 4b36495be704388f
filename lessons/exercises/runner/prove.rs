//! Proves the checks: every solution passes, and every wrong answer fails, as
//! does an exercise that is not solved.

use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;

use crate::Result;
use crate::checker::{Checker, Verdict};
use crate::exercise::Exercise;

/// How many checks run at once: an answer that hangs only waits.
const AT_ONCE: usize = 8;

/// How often a solution and a wrong answer are checked.
pub struct Runs {
    pub solution: usize,
    pub wrong: usize,
}

/// One answer, and the verdicts on it so far.
struct Row<'a> {
    exercise: &'a Exercise,
    answer: String,
    runs: usize,
    verdicts: Vec<Verdict>,
}

/// Checks every answer, and prints the table of the verdicts.
pub fn prove(exercises: &[Exercise], runs: &Runs) -> Result<()> {
    if let Some(started) = exercises.iter().find(|it| it.is_started()) {
        let reset = format!("cargo run -p exercises -- reset {started}");
        return Err(format!("{started} is not as it was: {reset}").into());
    }
    let checker = Checker::build(None)?;
    let mut rows = Vec::new();
    for exercise in exercises {
        rows.extend(rows_of(exercise, runs)?);
    }
    fill(&mut rows, &checker)?;
    for exercise in exercises {
        if let Some(error) = exercise.refused_for() {
            expect_refused(exercise, &error)?;
        }
    }
    match rows.iter().map(Row::faults).sum() {
        0 => Ok(()),
        faults => Err(format!("verdicts that are wrong: {faults}").into()),
    }
}

fn rows_of<'a>(exercise: &'a Exercise, runs: &Runs) -> Result<Vec<Row<'a>>> {
    let row = |answer: &str, runs| Row {
        exercise,
        answer: answer.into(),
        runs,
        verdicts: Vec::new(),
    };
    let mut rows = vec![row("solution", runs.solution)];
    if exercise.refused_for().is_none() {
        rows.push(row("src", runs.wrong));
    }
    rows.extend(exercise.wrong()?.iter().map(|it| row(it, runs.wrong)));
    Ok(rows)
}

/// Checks the answer of each row as often as it says, and prints the rows in
/// their order.
fn fill(rows: &mut [Row], checker: &Checker) -> Result<()> {
    let checks = rows.iter().enumerate();
    let checks = checks.flat_map(|(i, row)| {
        let check = (i, row.exercise, row.answer.clone());
        iter::repeat_n(check, row.runs)
    });
    let checks: Vec<_> = checks.collect();
    let next = AtomicUsize::new(0);
    let (sender, verdicts) = mpsc::channel();
    thread::scope(|s| {
        for _ in 0..AT_ONCE {
            let sender = sender.clone();
            s.spawn(|| {
                let sender = sender;
                while let Some((i, exercise, answer)) =
                    checks.get(next.fetch_add(1, Relaxed))
                {
                    let verdict = checker.check(exercise, answer);
                    let verdict = verdict.map_err(|error| error.to_string());
                    if sender.send((*i, verdict)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut printed = 0;
        for (i, verdict) in verdicts {
            rows[i].verdicts.push(verdict?);
            while let Some(row) = rows.get(printed).filter(|it| it.is_full()) {
                if row.answer == "solution" {
                    println!("{}", row.exercise);
                }
                println!("  {}", row.text());
                printed += 1;
            }
        }
        Ok(())
    })
}

impl Row<'_> {
    fn is_full(&self) -> bool {
        self.verdicts.len() == self.runs
    }

    /// How many of the verdicts are not as they must be.
    fn faults(&self) -> usize {
        let passed = self.verdicts.iter().filter(|it| it.is_ok()).count();
        match self.answer.as_str() {
            "solution" => self.runs - passed,
            _ => passed,
        }
    }

    fn text(&self) -> String {
        let is_solution = self.answer == "solution";
        let wanted = if is_solution { "passed" } else { "failed" };
        let proved = self.runs - self.faults();
        let line = self.verdicts.iter().find_map(|it| it.as_ref().err());
        let line = line.map_or(String::new(), |line| format!(": {line}"));
        format!("{:<26} {proved} of {} {wanted}{line}", self.answer, self.runs)
    }
}

/// The exercise as it is does not compile, for the reason that it gives.
fn expect_refused(exercise: &Exercise, error: &str) -> Result<()> {
    let Err(messages) = Checker::build(Some(exercise)) else {
        return Err(format!("{exercise} compiles, and must not").into());
    };
    let message = messages.to_string();
    let Some(line) = message.lines().find(|line| line.contains(error)) else {
        return Err(format!("{exercise}: no {error} in\n{message}").into());
    };
    println!("{exercise}\n  {:<26} refused: {line}", "src");
    Ok(())
}
