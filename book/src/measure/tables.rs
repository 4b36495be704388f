//! The tables of the page "How fast?", made of what was measured and of
//! nothing else.

use std::fs;
use std::path::Path;

use harness::bench::{Table, figure};

use crate::chart::table::{Cell, Table as Read};

/// The lines above the tables, by which the charts find them.
const ROWS: &str = "\nHow many times as fast:\n\n";
pub const STARTS: &str = "\nHow soon it is there:\n\n";

/// What was done, by whom, in one row of the comparison.
struct Row {
    lesson: String,
    what: String,
    unit: String,
    cpython: Option<Figure>,
    other: Option<Figure>,
    ours: Option<Figure>,
    limit: Option<Figure>,
}

/// Somebody's figure.
struct Figure {
    who: String,
    cell: Cell,
}

/// The files that `figures.txt` and `starts.txt` in this folder lead to: the
/// name and the text of each.
pub fn render(folder: &Path) -> Result<Vec<(&'static str, String)>, String> {
    let read = |file: &str| {
        let text = fs::read_to_string(folder.join(file));
        text.map_err(|error| format!("measured/{file}: {error}"))
    };
    let (figures, starts) = (read("figures.txt")?, read("starts.txt")?);
    let rows = rows(&figures)?;
    Ok(vec![
        ("rows.txt", head(&figures) + ROWS + &text_of_rows(&rows)),
        ("rows.md", page_of_rows(&rows)),
        ("starts.md", page_of_starts(&starts)?),
        ("machine.md", machine(&figures, &starts)),
    ])
}

/// When and where: what stands above the first blank line.
fn head(text: &str) -> String {
    text.lines()
        .take_while(|line| !line.is_empty())
        .fold(String::new(), |head, line| head + line + "\n")
}

fn machine(figures: &str, starts: &str) -> String {
    let quote =
        |text: &str| head(text).lines().collect::<Vec<_>>().join(", ") + ".";
    match (quote(figures), quote(starts)) {
        (both, same) if both == same => format!("Measured on {both}\n"),
        (rows, starts) => format!(
            "The comparison was measured on {rows}\n\n\
             The starts were measured on {starts}\n"
        ),
    }
}

/// The rows, lesson by lesson.
fn rows(figures: &str) -> Result<Vec<Row>, String> {
    let mut rows: Vec<Row> = Vec::new();
    for line in figures.lines().skip_while(|line| !line.is_empty()).skip(1) {
        let fields: Vec<_> = line.split(" | ").collect();
        let fault = || format!("measured/figures.txt: what is this? {line}");
        let [lesson, what, unit, side, who, cell] = fields[..] else {
            return Err(fault());
        };
        let who = who.to_string();
        let cell = Cell::parse(cell).ok_or_else(fault)?;
        let is_it = |row: &Row| {
            (&*row.lesson, &*row.what, &*row.unit) == (lesson, what, unit)
        };
        let at = rows.iter().position(is_it).unwrap_or_else(|| {
            rows.push(Row::new(lesson, what, unit));
            rows.len() - 1
        });
        let row = &mut rows[at];
        let place = match side {
            "CPython" => &mut row.cpython,
            "Other" => &mut row.other,
            "Ours" => &mut row.ours,
            "Limit" => &mut row.limit,
            _ => return Err(fault()),
        };
        *place = Some(Figure { who, cell });
    }
    rows.sort_by(|a, b| a.lesson.cmp(&b.lesson));
    match rows.iter().find(|row| row.cpython.is_none() || row.ours.is_none()) {
        Some(Row { lesson, what, .. }) => {
            Err(format!("{lesson}, {what}: not CPython's and ours"))
        }
        None => Ok(rows),
    }
}

impl Row {
    fn new(lesson: &str, what: &str, unit: &str) -> Self {
        let (lesson, what, unit) = (lesson.into(), what.into(), unit.into());
        let (cpython, other, ours, limit) = (None, None, None, None);
        Self { lesson, what, unit, cpython, other, ours, limit }
    }

    fn pair(&self) -> (&Figure, &Figure) {
        let (cpython, ours) = (self.cpython.as_ref(), self.ours.as_ref());
        let cpython = cpython.expect("`rows` has looked");
        (cpython, ours.expect("`rows` has looked"))
    }

    /// Whether a small figure is a good one.
    fn is_time(&self) -> bool {
        self.unit.ends_with("seconds")
    }

    /// How many times as fast as CPython ours is.
    fn ratio(&self) -> f64 {
        let (cpython, ours) = self.pair();
        match self.is_time() {
            true => cpython.cell.figure / ours.cell.figure,
            false => ours.cell.figure / cpython.cell.figure,
        }
    }

    /// Whether `a` is ahead of `b` in every one of its figures. One figure
    /// alone proves nothing.
    fn is_ahead(&self, a: &Figure, b: &Figure) -> bool {
        let (Some((a_low, a_high)), Some((b_low, b_high))) =
            (a.cell.spread, b.cell.spread)
        else {
            return false;
        };
        if self.is_time() { a_high < b_low } else { a_low > b_high }
    }

    /// Who wins, in words.
    fn verdict(&self) -> String {
        let (cpython, ours) = self.pair();
        let first = if self.is_ahead(ours, cpython) {
            "ours"
        } else if self.is_ahead(cpython, ours) {
            "CPython"
        } else {
            "they overlap"
        };
        match &self.other {
            Some(other) if self.is_ahead(other, ours) => {
                format!("{first}; {} is ahead of ours", other.who)
            }
            _ => first.into(),
        }
    }
}

/// For the terminal, and for the chart.
fn text_of_rows(rows: &[Row]) -> String {
    let mut table = Table::new(&[
        "", "", "in", "CPython", "another", "ours", "limit", "ratio", "ahead",
    ]);
    let mut lesson = "";
    for row in rows {
        let number = if row.lesson == lesson { "" } else { &row.lesson };
        lesson = &row.lesson;
        let cell = |figure: &Option<Figure>| {
            let cell = figure.as_ref().map(|figure| figure.cell.whole.clone());
            cell.unwrap_or_default()
        };
        table.row(&[
            number,
            &row.what,
            &row.unit,
            &cell(&row.cpython),
            &cell(&row.other),
            &cell(&row.ours),
            &cell(&row.limit),
            &format!("{} x", figure(row.ratio())),
            &row.verdict(),
        ]);
    }
    table.to_string()
}

/// For the page: a table in Markdown, with small figures, so that it is not
/// wide.
fn page_of_rows(rows: &[Row]) -> String {
    let mut page = String::from(
        "| What | Ours is ahead? | CPython | Ours | Another way | The limit \
         |\n|---|---|---|---|---|---|\n",
    );
    let mut lesson = "";
    for row in rows {
        if row.lesson != lesson {
            lesson = &row.lesson;
            let number = number_of(lesson);
            page += &format!("| **[Lesson {number}]({lesson}.md)** |");
            page += &" |".repeat(5);
            page += "\n";
        }
        let (unit, scale) = row.unit_of_page();
        let cell = |figure: &Option<Figure>| match figure {
            None => "–".into(),
            Some(Figure { who, cell }) => {
                format!("{}<br>{}", words(who), with_spread(cell, scale))
            }
        };
        page += &format!(
            "| {}<br>*{unit}* | **{} x**<br>{} | {} | {} | {} | {} |\n",
            row.what,
            figure(row.ratio()),
            row.verdict(),
            cell(&row.cpython),
            cell(&row.ours),
            cell(&row.other),
            cell(&row.limit),
        );
    }
    page
}

impl Row {
    /// The unit, and how much of the figures' own it is.
    fn unit_of_page(&self) -> (String, f64) {
        let (cpython, ours) = self.pair();
        match cpython.cell.figure.min(ours.cell.figure) {
            _ if self.is_time() => (self.unit.clone(), 1.0),
            1e6.. => (format!("million {}", self.unit), 1e6),
            1e4.. => (format!("thousand {}", self.unit), 1e3),
            _ => (self.unit.clone(), 1.0),
        }
    }
}

/// A name in Rust or Python as code, words as words.
fn words(who: &str) -> String {
    match who.contains([' ', '`']) {
        true => who.into(),
        false => format!("`{who}`"),
    }
}

fn with_spread(cell: &Cell, scale: f64) -> String {
    let scaled = |number: f64| figure(number / scale);
    let median = scaled(cell.figure);
    match cell.spread {
        Some((low, high)) => {
            let (low, high) = (scaled(low), scaled(high));
            format!("**{median}**<br>{low}–{high}")
        }
        None => format!("**{median}**"),
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

fn page_of_starts(starts: &str) -> Result<String, String> {
    let table = Read::below(starts, STARTS.trim())
        .map_err(|error| format!("measured/starts.txt: {error}"))?;
    let mut page = format!("| {} |\n", table.headings.join(" | "));
    page += &format!("|{}\n", "---|".repeat(table.headings.len()));
    for row in &table.rows {
        let cells = row.iter().enumerate().map(|(i, cell)| {
            match (i, Cell::parse(cell)) {
                (0, _) => format!("[Lesson {}]({cell}.md)", number_of(cell)),
                (_, Some(cell)) if cell.spread.is_some() => {
                    with_spread(&cell, 1.0)
                }
                (_, Some(_)) => format!("**{cell}**"),
                (_, None) => cell.clone(),
            }
        });
        let cells = cells.collect::<Vec<_>>().join(" | ");
        page += &format!("| {cells} |\n");
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: &str = "\
2026-11-21, linux
A processor

lesson08_lock | lock | a second | CPython | Lock | 100 (90-110)
lesson08_lock | lock | a second | Ours | std Mutex | 400 (300-500)
lesson08_lock | lock | a second | Other | parking_lot | 900 (800-990)
lesson00_fork | fork | microseconds | CPython | os.fork | 200 (190-210)
lesson00_fork | fork | microseconds | Ours | fork | 400 (390-410)
lesson00_fork | fork | microseconds | Limit | the system | 100 (99-110)
lesson03_join | join | microseconds | CPython | join | 10 (5-20)
lesson03_join | join | microseconds | Ours | wait | 9 (4-12)
";

    #[test]
    fn every_row_says_who_is_ahead() {
        let rows = rows(FIGURES).unwrap();
        let says = rows.iter().map(|row| (&*row.lesson, row.verdict()));
        let says: Vec<_> = says.collect();
        assert_eq!(
            says,
            [
                ("lesson00_fork", "CPython".into()),
                ("lesson03_join", "they overlap".into()),
                (
                    "lesson08_lock",
                    "ours; parking_lot is ahead of ours".to_string()
                ),
            ]
        );
        let ratios: Vec<_> =
            rows.iter().map(|row| figure(row.ratio())).collect();
        assert_eq!(ratios, ["0.500", "1.11", "4.00"]);
    }

    #[test]
    fn a_row_on_the_page_has_all_its_figures() {
        let page = page_of_rows(&rows(FIGURES).unwrap());
        let row = "| fork<br>*microseconds* \
                   | **0.500 x**<br>CPython \
                   | `os.fork`<br>**200**<br>190–210 \
                   | `fork`<br>**400**<br>390–410 | – \
                   | the system<br>**100**<br>99.0–110 |";
        assert!(page.lines().any(|line| line == row), "{page}");
    }

    #[test]
    fn a_row_without_ours_is_refused() {
        let is_ours = |line: &&str| line.contains("| Ours | std Mutex");
        let lines = FIGURES.lines().filter(|line| !is_ours(line));
        let without: String = lines.flat_map(|line| [line, "\n"]).collect();
        let error = rows(&without).err().unwrap();
        assert_eq!(error, "lesson08_lock, lock: not CPython's and ours");
        assert!(rows(&FIGURES.replace("| Ours", "| Mine")).is_err());
    }
}
