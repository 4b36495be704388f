//! The figures of lesson 15, which measures itself, as its twin does.

use std::ffi::OsStr;
use std::path::Path;

use mdbook_driver::errors::{Error, Result};

use crate::chart::table::{Cell, Table};
use crate::process::run_with;

const LESSON: &str = "lesson15_choosing";

/// A part, how its table begins, the column with the figures, their unit, and
/// the rows of it that are wanted.
struct Part {
    name: &'static str,
    above: &'static str,
    column: &'static str,
    unit: &'static str,
    rows: &'static [Wanted],
}

/// What is measured, the first two cells of CPython's row and of ours, and
/// another row of ours with its side.
type Wanted = (&'static str, Key, Option<(&'static str, Key)>);
type Key = (&'static str, &'static str);

/// Not the figures themselves, but what they are beside those of one alone.
const AS_ONE: &str = "times as fast as one";
const ALONE: Key = ("sequence", "1");

const NOBODY: Option<(&str, Key)> = Some(("Limit", ("nobody", "1")));
const RAYON: Option<(&str, Key)> = Some(("Other", ("rayon", "4")));

const PARTS: &[Part] = &[
    Part {
        name: "cpu",
        above: "12 times the primes",
        // The twin's work is not as much, so not the seconds themselves.
        column: "seconds (spread)",
        unit: AS_ONE,
        rows: &[
            ("compute in four threads", ("threads", "4"), RAYON),
            ("compute in four processes", ("processes", "4"), None),
        ],
    },
    Part {
        name: "io",
        above: "64 questions",
        column: "seconds (spread)",
        unit: "seconds",
        rows: &[
            ("64 waits in as many threads", ("threads", "64"), None),
            ("64 waits in as many tasks", ("tasks", "64"), None),
        ],
    },
    Part {
        name: "create",
        above: "--- create",
        column: "microseconds each (spread)",
        unit: "microseconds",
        rows: &[
            ("create one of ten tasks", ("tasks", "10"), None),
            ("create one of ten threads", ("threads", "10"), None),
            ("create one of ten processes", ("processes", "10"), None),
        ],
    },
    Part {
        name: "switch",
        above: "--- switch",
        column: "microseconds a turn (spread)",
        unit: "microseconds",
        rows: &[
            ("pass the turn to a task", ("tasks", "10"), None),
            ("pass the turn to a thread", ("threads", "10"), NOBODY),
            ("pass the turn to a process", ("processes", "10"), NOBODY),
        ],
    },
];

/// A line for each figure; none where the lesson is not there.
pub fn figures(root: &Path, quick: bool) -> Result<String> {
    if !root.join("lessons").join(LESSON).is_dir() {
        return Ok(String::new());
    }
    let twin = format!("lessons/{LESSON}/{LESSON}.py");
    let profile = if quick { "dev" } else { "release" };
    let cargo = ["cargo", "run", "--quiet", "--profile", profile, "-p", LESSON];
    let mut lines = String::new();
    for part in PARTS {
        eprintln!("measures {} of {LESSON}", part.name);
        let ours = table(root, &[&cargo[..], &["--"]].concat(), part, quick)?;
        let theirs = table(root, &["python3", &twin], part, quick)?;
        for (what, key, more) in part.rows {
            let mut put = |side: &str, table: &Table, key: &Key| {
                let figure = cell(table, part, key)?;
                let Part { unit, .. } = part;
                let who = key.0;
                lines += &format!(
                    "{LESSON} | {what} | {unit} | {side} | {who} | {figure}\n"
                );
                Ok::<_, Error>(())
            };
            put("CPython", &theirs, key)?;
            put("Ours", &ours, key)?;
            if let Some((side, key)) = more {
                put(side, &ours, key)?;
            }
        }
    }
    Ok(lines)
}

/// Runs the part, and reads the table that it prints.
fn table(
    root: &Path,
    command: &[&str],
    part: &Part,
    quick: bool,
) -> Result<Table> {
    let words = [command, &[part.name]].concat();
    let pace = if quick { "0.02" } else { "1" };
    let variables = [("LESSON_PACE", OsStr::new(pace))];
    let (status, said) = run_with(root, &words, &variables)?;
    let fault = |what: String| {
        let command = command.join(" ");
        Error::msg(format!("{command} {}: {what}:\n{said}", part.name))
    };
    match status.success() {
        true => Table::below(&said, part.above).map_err(fault),
        false => Err(fault(status.to_string())),
    }
}

fn cell(table: &Table, part: &Part, key: &Key) -> Result<String> {
    let (column, _) = table.column(part.column).map_err(Error::msg)?;
    let row = table.rows.iter().find(|row| row[0] == key.0 && row[1] == key.1);
    let row = row.ok_or_else(|| {
        Error::msg(format!("{LESSON} {}: no row {key:?}", part.name))
    })?;
    let text = row[column].clone();
    if part.unit != AS_ONE || *key == ALONE {
        return Ok(text);
    }
    let alone = cell(table, part, &ALONE)?;
    let ratio = times_as_fast(&text, &alone);
    ratio.ok_or_else(|| Error::msg(format!("{LESSON}: no spread: {text}")))
}

/// How many times as fast as `alone`, with the spread of both in its own.
fn times_as_fast(seconds: &str, alone: &str) -> Option<String> {
    let (seconds, alone) = (Cell::parse(seconds)?, Cell::parse(alone)?);
    let ((low, high), (alone_low, alone_high)) =
        (seconds.spread?, alone.spread?);
    Some(format!(
        "{:.2} x ({:.2}-{:.2})",
        alone.figure / seconds.figure,
        alone_low / high,
        alone_high / low,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_has_the_spread_of_both() {
        let ratio = times_as_fast("2.0 (1.0-4.0)", "8.0 (6.0-9.0)");
        assert_eq!(ratio.as_deref(), Some("4.00 x (1.50-9.00)"));
        assert_eq!(times_as_fast("2.0", "8.0 (6.0-9.0)"), None);
    }
}
