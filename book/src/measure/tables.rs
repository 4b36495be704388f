//! The tables of the page "How fast?" and of the chapters, rendered from the
//! samples and from nothing else.

use std::path::Path;

use harness::bench::{Measured, MeasuredSide, Series, Side, figure, text};

use super::samples::Samples;

/// The files that the samples of this folder lead to: the name and the text
/// of each.
pub fn render(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let rows = Samples::read(&folder.join("samples.jsonl"))?;
    let starts = Samples::read(&folder.join("starts.jsonl"))?;
    let mut files = vec![
        ("rows.md".into(), page_of_rows(&rows.rows)),
        ("starts.md".into(), page_of_starts(&starts)),
        ("machine.md".into(), machine(&rows.machine, &starts.machine)),
    ];
    for rows in rows.rows.chunk_by(|a, b| a.lesson == b.lesson) {
        files.push((format!("{}.txt", rows[0].lesson), text(rows)));
    }
    Ok(files)
}

fn machine(rows: &str, starts: &str) -> String {
    match rows == starts {
        true => format!("Measured on {rows}.\n"),
        false => format!(
            "The comparison was measured on {rows}.\n\n\
             The starts were measured on {starts}.\n"
        ),
    }
}

/// CPython's side and the lesson's, where a row compares them.
pub fn pair(row: &Measured) -> Option<(&MeasuredSide, &MeasuredSide)> {
    Some((row.side(Side::CPython)?, row.side(Side::Ours)?))
}

/// How many times as fast as CPython ours is.
pub fn ratio(row: &Measured) -> Option<f64> {
    let (cpython, ours) = pair(row)?;
    Some(row.times_as_fast(&ours.series, &cpython.series))
}

/// Whether `a` is ahead of `b` with every one of its samples. One sample alone
/// proves nothing.
fn is_ahead(row: &Measured, a: &Series, b: &Series) -> bool {
    let (a_low, a_high) = a.spread();
    let (b_low, b_high) = b.spread();
    let is_one = a.samples().len() == 1 || b.samples().len() == 1;
    !is_one && if row.is_time() { a_high < b_low } else { a_low > b_high }
}

/// Which side is ahead, in words.
fn verdict(row: &Measured) -> String {
    let Some((cpython, ours)) = pair(row) else {
        return String::new();
    };
    let first = if is_ahead(row, &ours.series, &cpython.series) {
        "ours"
    } else if is_ahead(row, &cpython.series, &ours.series) {
        "CPython"
    } else {
        "they overlap"
    };
    match row.side(Side::Other) {
        Some(other) if is_ahead(row, &other.series, &ours.series) => {
            format!("{first}; {} is ahead of ours", other.name)
        }
        _ => first.into(),
    }
}

/// A table in Markdown with small figures, so that it is not wide.
fn page_of_rows(rows: &[Measured]) -> String {
    let mut page = String::from(
        "| What | Ours is ahead? | CPython | Ours | Another way | The limit \
         |\n|---|---|---|---|---|---|\n",
    );
    for rows in rows.chunk_by(|a, b| a.lesson == b.lesson) {
        let lesson = &rows[0].lesson;
        page += &format!("| **[Lesson {}]({lesson}.md)** |", number_of(lesson));
        page += &" |".repeat(5);
        page += "\n";
        for row in rows {
            page += &line_of_page(row);
        }
    }
    page
}

fn line_of_page(row: &Measured) -> String {
    let (unit, scale) = unit_of_page(row);
    let cell = |side| match row.side(side) {
        None => "–".into(),
        Some(MeasuredSide { name, series, .. }) => {
            format!("{}<br>{}", code_or_text(name), with_spread(series, scale))
        }
    };
    let ratio = ratio(row).map_or("–".into(), figure);
    format!(
        "| {}<br>*{unit}* | **{ratio} x**<br>{} | {} | {} | {} | {} |\n",
        row.what,
        verdict(row),
        cell(Side::CPython),
        cell(Side::Ours),
        cell(Side::Other),
        cell(Side::Limit),
    )
}

/// The unit, and how much of the samples' own it is.
fn unit_of_page(row: &Measured) -> (String, f64) {
    let medians = row.sides.iter().map(|side| side.series.median());
    match medians.fold(f64::MAX, f64::min) {
        _ if row.is_time() => (row.unit.clone(), 1.0),
        1e6.. => (format!("million {}", row.unit), 1e6),
        1e4.. => (format!("thousand {}", row.unit), 1e3),
        _ => (row.unit.clone(), 1.0),
    }
}

/// A name in Rust or Python as code, anything else as text.
fn code_or_text(name: &str) -> String {
    match name.contains([' ', '`']) {
        true => name.into(),
        false => format!("`{name}`"),
    }
}

fn with_spread(series: &Series, scale: f64) -> String {
    let scaled = |number: f64| figure(number / scale);
    let median = scaled(series.median());
    let (low, high) = series.spread();
    match series.samples().len() {
        1 => format!("**{median}**"),
        _ => format!("**{median}**<br>{}–{}", scaled(low), scaled(high)),
    }
}

/// `8` for `lesson08_lock`.
fn number_of(lesson: &str) -> &str {
    let number = lesson.trim_start_matches("lesson");
    let number = number.split('_').next().unwrap_or(number);
    match number.trim_start_matches('0') {
        "" => "0",
        number => number,
    }
}

/// The columns of the table of starts: a heading, the id of the row, and the
/// side.
const STARTS: [(&str, &str, Side); 7] = [
    ("crates", "crates", Side::Ours),
    ("cold, s", "cold", Side::Ours),
    ("warm, s", "warm", Side::Ours),
    ("alone, ms", "alone", Side::Ours),
    ("its twin, ms", "alone", Side::CPython),
    ("debug, MB", "debug", Side::Ours),
    ("release, MB", "release", Side::Ours),
];

fn page_of_starts(starts: &Samples) -> String {
    let headings = STARTS.map(|(heading, ..)| heading).join(" | ");
    let mut page = format!("| lesson | {headings} |\n");
    page += &format!("|{}\n", "---|".repeat(1 + STARTS.len()));
    for rows in starts.rows.chunk_by(|a, b| a.lesson == b.lesson) {
        let lesson = &rows[0].lesson;
        page += &format!("| [Lesson {}]({lesson}.md)", number_of(lesson));
        for (_, id, side) in STARTS {
            let row = rows.iter().find(|row| row.id == id);
            let cell = row.and_then(|row| row.side(side));
            page += " | ";
            page +=
                &cell.map_or("–".into(), |it| with_spread(&it.series, 1.0));
        }
        page += " |\n";
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::samples;

    fn row(
        what: &str,
        unit: &str,
        sides: &[(&str, &str, [u32; 3])],
    ) -> Measured {
        let sides = sides.iter().map(|(side, name, samples)| {
            format!(
                "{{\"side\":\"{side}\",\"name\":\"{name}\",\
                 \"samples\":{samples:?}}}"
            )
        });
        let sides = sides.collect::<Vec<_>>().join(",");
        let line = format!(
            "{{\"lesson\":\"lesson00_fork\",\"id\":\"a\",\"what\":\"{what}\",\
             \"unit\":\"{unit}\",\"sides\":[{sides}]}}"
        );
        samples::row(&line).unwrap()
    }

    #[test]
    fn every_row_says_which_side_is_ahead() {
        let lock = row(
            "lock",
            "a second",
            &[
                ("CPython", "Lock", [100, 90, 110]),
                ("Ours", "std Mutex", [400, 300, 500]),
                ("Other", "parking_lot", [900, 800, 990]),
            ],
        );
        assert_eq!(verdict(&lock), "ours; parking_lot is ahead of ours");
        assert_eq!(ratio(&lock), Some(4.0));
        let join = row(
            "join",
            "microseconds",
            &[("CPython", "join", [10, 5, 20]), ("Ours", "wait", [8, 4, 12])],
        );
        assert_eq!(verdict(&join), "they overlap");
        assert_eq!(ratio(&join), Some(1.25));
    }

    #[test]
    fn a_row_on_the_page_has_all_its_sides() {
        let fork = row(
            "fork",
            "microseconds",
            &[
                ("CPython", "os.fork", [200, 190, 210]),
                ("Ours", "fork", [400, 390, 410]),
                ("Limit", "the system", [100, 99, 110]),
            ],
        );
        let line = "| fork<br>*microseconds* \
                    | **0.500 x**<br>CPython \
                    | `os.fork`<br>**200**<br>190–210 \
                    | `fork`<br>**400**<br>390–410 | – \
                    | the system<br>**100**<br>99.0–110 |\n";
        assert_eq!(line_of_page(&fork), line);
    }
}
