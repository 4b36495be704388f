//! The option `--schedule` of a part.

use super::execution::{Program, State, execute};
use super::explorer::Graph;
use super::json::json;

/// What `--schedule` does in a part: every [`Program`] does it.
pub trait Schedule {
    /// Follows a schedule such as `1,2,2,1` and prints each step and the end.
    ///
    /// # Errors
    ///
    /// When it names no thread, and at a step that its thread cannot take.
    fn follow(&self, schedule: &str) -> Result<(), String>;

    /// The graph of all schedules, as JSON.
    fn graph(&self) -> String;
}

impl<S: Sync + 'static> Schedule for Program<S> {
    fn follow(&self, schedule: &str) -> Result<(), String> {
        let names: Vec<_> =
            self.threads.iter().map(|(name, _)| *name).collect();
        let schedule = parse(schedule, &names)?;
        let state = execute(self, &schedule, |step, _| {
            println!("{}: {}", names[step.thread], step.text);
        })?;
        println!("{}", end(&state, &names));
        Ok(())
    }

    fn graph(&self) -> String {
        json(self, &Graph::of(self))
    }
}

fn end(state: &State, names: &[&str]) -> String {
    match &state.end {
        Some(Ok(end) | Err(end)) => end.clone(),
        None => {
            let ready: Vec<_> = state.ready().map(|n| names[n]).collect();
            format!("Not the end: {} can take a step.", ready.join(" or "))
        }
    }
}

fn parse(schedule: &str, names: &[&str]) -> Result<Vec<usize>, String> {
    let threads = schedule.split(',').map(|word| match word.trim().parse() {
        Ok(n) if (1..=names.len()).contains(&n) => Ok(n - 1),
        _ => {
            let all = (1..).zip(names).map(|(n, name)| format!("{n} ({name})"));
            let all: Vec<_> = all.collect();
            Err(format!("no thread {word:?}; they are {}", all.join(", ")))
        }
    });
    threads.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_counted_from_one() {
        let names = ["t1", "t2"];
        assert_eq!(parse("1, 2,2", &names), Ok(vec![0, 1, 1]));
        for wrong in ["", "0", "3", "1,,2", "t1"] {
            let error = parse(wrong, &names).unwrap_err();
            assert!(error.ends_with("they are 1 (t1), 2 (t2)"), "{error}");
        }
    }
}
