//! The tables of the page "How fast?" and of the chapters, rendered from the
//! samples and from nothing else.

use std::path::Path;

use harness::bench::{Measured, MeasuredSide, Series, Side, figure, text};

use super::samples::Samples;

/// The files that the samples of this folder lead to: the name and the text
/// of each.
pub fn render(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let rows = Samples::read(&folder.join("samples.jsonl"))?;
    let growth = Samples::read(&folder.join("growth.jsonl"))?;
    let starts = Samples::read(&folder.join("starts.jsonl"))?;
    let four_cores = Samples::read(&folder.join("four_cores.jsonl"))?;
    let mut files = vec![
        ("rows.md".into(), page_of_rows(&rows.rows)),
        ("behind.md".into(), page_of_behind(&rows.rows)),
        ("cores.md".into(), page_of_cores(&rows, &four_cores)),
        ("starts.md".into(), page_of_starts(&starts)),
        ("machine.md".into(), machine(&rows.machine, &starts.machine)),
        ("growth.md".into(), format!("Measured on {}.\n", growth.machine)),
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
    if row.less_is_better() { a_high < b_low } else { a_low > b_high }
}

/// Which of CPython and the lesson is ahead, in words.
fn first(row: &Measured) -> &'static str {
    match pair(row) {
        None => "",
        Some((cpython, ours)) => {
            if cpython.series.samples().len() == 1 {
                "one sample"
            } else if is_ahead(row, &ours.series, &cpython.series) {
                "ours"
            } else if is_ahead(row, &cpython.series, &ours.series) {
                "CPython"
            } else {
                "they overlap"
            }
        }
    }
}

/// Which side is ahead, in words, and whether another way is.
fn verdict(row: &Measured) -> String {
    match (pair(row), other_ahead(row)) {
        (Some(_), Some(other)) => {
            format!("{}; {} is ahead of ours", first(row), other.name)
        }
        _ => first(row).into(),
    }
}

/// The same, and whether another way overlaps with the lesson.
fn verdict_on_behind(row: &Measured) -> String {
    let ours = row.side(Side::Ours);
    match ours.zip(row.side(Side::Other)) {
        Some((ours, other))
            if !is_ahead(row, &other.series, &ours.series)
                && !is_ahead(row, &ours.series, &other.series) =>
        {
            format!("{}; {} overlaps with ours", first(row), other.name)
        }
        _ => verdict(row),
    }
}

/// Another way that is ahead of the lesson.
fn other_ahead(row: &Measured) -> Option<&MeasuredSide> {
    let other = row.side(Side::Other)?;
    let ours = row.side(Side::Ours)?;
    is_ahead(row, &other.series, &ours.series).then_some(other)
}

/// The rows where the lesson is not ahead of CPython, or not of another way.
pub fn behind(rows: &[Measured]) -> impl Iterator<Item = &Measured> {
    rows.iter().filter(|row| {
        matches!(first(row), "CPython" | "they overlap")
            || matches!(
                (row.side(Side::Ours), row.side(Side::Other)),
                (Some(ours), Some(other))
                    if !is_ahead(row, &ours.series, &other.series)
            )
    })
}

/// The rows where the lesson is not ahead, each with its reason.
fn page_of_behind(rows: &[Measured]) -> String {
    let line = |row: &Measured| {
        let Measured { lesson, what, why, .. } = row;
        let link = format!("[{}]({lesson}.md)", number_of(lesson));
        let ratio = |to: Option<&MeasuredSide>| {
            let ratio = row.side(Side::Ours).zip(to).map(|(ours, to)| {
                figure(row.times_as_fast(&ours.series, &to.series)) + " x"
            });
            ratio.unwrap_or("–".into())
        };
        let cpython = ratio(row.side(Side::CPython));
        let other = ratio(row.side(Side::Other));
        let verdict = verdict_on_behind(row);
        format!("| {link} | {what} | {cpython} | {other} | {verdict} | {why} |")
    };
    let head = "| Lesson | What | Ours to CPython | Ours to another way \
                | Ahead | Why |";
    table(head, behind(rows).map(line))
}

/// The rows whose ratio on four cores is another one.
fn page_of_cores(here: &Samples, four_cores: &Samples) -> String {
    let partner = |row: &Measured| {
        let all = four_cores.rows.iter();
        // An id of that time may have been made of the text.
        let is_same = |it: &&Measured| it.id == row.id || it.what == row.what;
        all.filter(|it| it.lesson == row.lesson).find(is_same)
    };
    let line = |row: &Measured| {
        let there = partner(row)?;
        let ratio_here = ratio(row)?;
        let ratio_there = ratio(there)?;
        let change = ratio_there / ratio_here;
        let is_same = first(row) == first(there);
        if is_same && (1.0 / 1.5..=1.5).contains(&change) {
            return None;
        }
        let cell = |ratio, row| format!("{} x, {}", figure(ratio), first(row));
        Some(format!(
            "| [{}]({}.md) | {} | {} | {} |",
            number_of(&row.lesson),
            row.lesson,
            row.what,
            cell(ratio_here, row),
            cell(ratio_there, there),
        ))
    };
    format!(
        "*Four cores*: {}.\n\n{}",
        four_cores.machine,
        table(
            "| Lesson | What | This machine | Four cores |",
            here.rows.iter().filter_map(line),
        )
    )
}

/// A table in Markdown, or a line that says that there is none.
fn table(head: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return "There is no such row.\n".into();
    }
    let rule = "|---".repeat(head.matches('|').count() - 1);
    format!("{head}\n{rule}|\n{}\n", lines.join("\n"))
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
        _ if row.less_is_better() => (row.unit.clone(), 1.0),
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
        1 if series.median().fract() == 0.0 && scale == 1.0 => {
            format!("**{}**", series.median())
        }
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
const STARTS: [(&str, &str, Side); 9] = [
    ("crates", "crates", Side::Ours),
    ("cold, s", "cold", Side::Ours),
    ("warm, s", "warm", Side::Ours),
    ("alone, ms", "alone", Side::Ours),
    ("its twin, ms", "alone", Side::CPython),
    ("debug, MB", "debug", Side::Ours),
    ("release, MB", "release", Side::Ours),
    ("its page, s", "page", Side::Ours),
    ("an empty page, s", "page", Side::Limit),
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
    fn a_row_that_is_not_ahead_gives_its_reason() {
        let mut slow = row(
            "fork",
            "microseconds",
            &[("CPython", "os.fork", [1, 2, 3]), ("Ours", "fork", [4, 5, 6])],
        );
        slow.why = "It copies.".into();
        let fast = row(
            "join",
            "microseconds",
            &[("CPython", "join", [7, 8, 9]), ("Ours", "wait", [1, 2, 3])],
        );
        let page = page_of_behind(&[slow.clone(), fast.clone()]);
        let line = "| [0](lesson00_fork.md) | fork | 0.400 x | – | CPython \
                    | It copies. |";
        assert_eq!(page.lines().skip(2).collect::<Vec<_>>(), [line]);
        assert_eq!(page_of_behind(&[fast]), "There is no such row.\n");
    }

    #[test]
    fn a_row_that_other_cores_change_is_shown() {
        let samples = |cpython: [u32; 3]| Samples {
            machine: "there".into(),
            rows: vec![row(
                "fork",
                "microseconds",
                &[("CPython", "os.fork", cpython), ("Ours", "fork", [4, 5, 6])],
            )],
        };
        let page = page_of_cores(&samples([1, 2, 3]), &samples([7, 8, 9]));
        let line = "| fork | 0.400 x, CPython | 1.60 x, ours |";
        assert!(page.contains(line), "{page}");
        let same = page_of_cores(&samples([7, 8, 9]), &samples([7, 9, 10]));
        assert!(same.ends_with("There is no such row.\n"), "{same}");
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
