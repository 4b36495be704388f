//! The figures of lesson 15, which measures itself, as its twin does.

use std::ffi::OsStr;
use std::path::Path;

use harness::bench::{Measured, MeasuredSide, Series, Side};
use mdbook_driver::errors::{Error, Result};

use crate::chart::table::{Cell, Table};
use crate::process::run_with;

const LESSON: &str = "lesson15_choosing";

/// A part of the lesson or of its example `costs`, how its table begins, and
/// the columns of it that are wanted.
struct Part {
    name: &'static str,
    of_costs: bool,
    above: &'static str,
    columns: &'static [Column],
}

/// A column with figures, their unit, and the rows that are wanted.
struct Column {
    name: &'static str,
    unit: &'static str,
    rows: &'static [Wanted],
}

/// What is measured, the first two cells of CPython's row and of ours, and
/// another row of ours with its side. An empty second cell is any.
type Wanted = (&'static str, Key, Option<(Side, Key)>);
type Key = (&'static str, &'static str);

/// The figures as multiples of those of one alone.
const AS_ONE: &str = "times as fast as one";
const ALONE: Key = ("sequence", "1");

const NO_SWITCH: Option<(Side, Key)> = Some((Side::Limit, ("no switch", "1")));

const SERVERS: &[Wanted] = &[
    ("serve: fork for each connection", ("processes", ""), None),
    ("serve: a thread for each connection", ("threads", ""), None),
    ("serve: one event loop", ("loop", ""), None),
];

/// Where ours is not ahead.
const WHY: &[(&str, &str)] = &[
    ("cpu threads 4", "More threads than cores gain nothing."),
    ("cpu processes 4", CORES),
    ("cpu both 4", CORES),
    ("create processes 10", "Starting a process is the kernel's work."),
];

const CORES: &str = "Processes use all cores in both languages, and starting them takes little \
     of the time.";

const PARTS: &[Part] = &[
    Part {
        name: "cpu",
        of_costs: false,
        above: "12 times the primes",
        columns: &[Column {
            name: "seconds (spread)",
            unit: AS_ONE,
            rows: &[
                ("compute 0.5 s in four threads", ("threads", "4"), None),
                ("compute 0.5 s in four processes", ("processes", "4"), None),
                ("compute 0.5 s in two processes of two", ("both", "4"), None),
            ],
        }],
    },
    Part {
        name: "io",
        of_costs: false,
        above: "64 questions",
        columns: &[Column {
            name: "seconds (spread)",
            unit: "seconds",
            rows: &[
                ("64 waits in as many threads", ("threads", "64"), None),
                ("64 waits in as many tasks", ("tasks", "64"), None),
            ],
        }],
    },
    Part {
        name: "create",
        of_costs: true,
        above: "--- create",
        columns: &[
            Column {
                name: "microseconds each (spread)",
                unit: "microseconds",
                rows: &[
                    ("create one of ten tasks", ("tasks", "10"), None),
                    ("create one of 10,000 tasks", ("tasks", "10000"), None),
                    ("create one of ten threads", ("threads", "10"), None),
                    ("create one of ten processes", ("processes", "10"), None),
                ],
            },
            Column {
                name: "KiB each",
                unit: "KiB each",
                rows: &[("keep one of 10,000 tasks", ("tasks", "10000"), None)],
            },
        ],
    },
    Part {
        name: "switch",
        of_costs: true,
        above: "--- switch",
        columns: &[Column {
            name: "microseconds a turn (spread)",
            unit: "microseconds",
            rows: &[
                ("pass the turn to a task", ("tasks", "10"), None),
                ("pass the turn to a thread", ("threads", "10"), NO_SWITCH),
                ("pass the turn to a process", ("processes", "10"), NO_SWITCH),
            ],
        }],
    },
    Part {
        name: "server",
        of_costs: true,
        above: "--- server",
        columns: &[
            Column {
                name: "requests a second (spread)",
                unit: "requests a second",
                rows: SERVERS,
            },
            Column {
                name: "KiB a connection",
                unit: "KiB a connection",
                rows: SERVERS,
            },
        ],
    },
];

/// A row for each wanted one.
pub fn rows(root: &Path, quick: bool) -> Result<Vec<Measured>> {
    let profile = if quick { "dev" } else { "release" };
    let cargo = ["cargo", "run", "--quiet", "--profile", profile, "-p", LESSON];
    let mut rows = Vec::new();
    for part in PARTS {
        eprintln!("measures {} of {LESSON}", part.name);
        let example = ["--example", "costs"];
        let example = if part.of_costs { &example[..] } else { &[] };
        let command = [&cargo, example, &["--"]].concat();
        let ours = table(root, &command, part, quick)?;
        let script = if part.of_costs { "costs" } else { LESSON };
        let script = format!("lessons/{LESSON}/{script}.py");
        let theirs = table(root, &["python3", &script], part, quick)?;
        for column in part.columns {
            for wanted in column.rows {
                // A quick run has no large sizes.
                if !quick || find(&ours, &wanted.1).is_some() {
                    rows.push(row(part.name, column, wanted, &theirs, &ours)?);
                }
            }
        }
    }
    Ok(rows)
}

fn row(
    part: &str,
    column: &Column,
    (what, key, more): &Wanted,
    theirs: &Table,
    ours: &Table,
) -> Result<Measured> {
    let side = |side: Side, table: &Table, key: &Key| {
        let name = key.0.into();
        let series = Series::new(cell(table, column, key)?);
        Ok::<_, Error>(MeasuredSide { side, name, series })
    };
    let mut sides =
        vec![side(Side::CPython, theirs, key)?, side(Side::Ours, ours, key)?];
    if let Some((other, key)) = more {
        sides.push(side(*other, ours, key)?);
    }
    let which = if key.1.is_empty() { column.unit } else { key.1 };
    let mut id = format!("{part} {} {which}", key.0);
    if column.unit.starts_with("KiB") && !key.1.is_empty() {
        id.push_str(" KiB");
    }
    Ok(Measured {
        lesson: LESSON.into(),
        why: why(&id),
        id,
        what: (*what).into(),
        unit: column.unit.into(),
        sides,
        seconds: 0.0,
    })
}

fn why(id: &str) -> String {
    let of_row = WHY.iter().find(|(row, _)| *row == id);
    of_row.map_or("", |(_, why)| why).into()
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
    let (status, output) = run_with(root, &words, &variables)?;
    let fault = |what: String| {
        let command = command.join(" ");
        Error::msg(format!("{command} {}: {what}:\n{output}", part.name))
    };
    match status.success() {
        true => Table::below(&output, part.above).map_err(fault),
        false => Err(fault(status.to_string())),
    }
}

fn find<'a>(table: &'a Table, key: &Key) -> Option<&'a Vec<String>> {
    let is_wanted = |row: &&Vec<String>| {
        row[0] == key.0 && (key.1.is_empty() || row[1] == key.1)
    };
    table.rows.iter().find(is_wanted)
}

/// The lowest, the median and the highest sample that the table shows, or the
/// only one.
fn cell(table: &Table, column: &Column, key: &Key) -> Result<Vec<f64>> {
    let place = table.column(column.name).map_err(Error::msg)?;
    let row = find(table, key)
        .ok_or_else(|| Error::msg(format!("{LESSON}: no row {key:?}")))?;
    let text = &row[place];
    let cell = Cell::parse(text)
        .ok_or_else(|| Error::msg(format!("{LESSON}: no figure: {text}")))?;
    let Some((low, high)) = cell.spread else {
        return Ok(vec![cell.figure]);
    };
    let samples = vec![low, cell.figure, high];
    if column.unit != AS_ONE || *key == ALONE {
        return Ok(samples);
    }
    Ok(times_as_fast(&samples, &self::cell(table, column, &ALONE)?))
}

/// How many times as fast as `alone`, with the spread of both.
fn times_as_fast(seconds: &[f64], alone: &[f64]) -> Vec<f64> {
    let pairs = alone.iter().zip(seconds.iter().rev());
    pairs.map(|(alone, seconds)| alone / seconds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_has_the_spread_of_both() {
        let ratio = times_as_fast(&[1.0, 2.0, 4.0], &[6.0, 8.0, 9.0]);
        assert_eq!(ratio, [1.5, 4.0, 9.0]);
    }
}
