//! Charts: bars of what was measured, so that a page and its picture have the
//! same figures.
//!
//! To add one to a page, say in `book/charts/NAME.txt` what to draw:
//!
//! ```text
//! title: Tasks a second, four workers
//! from: measured/samples.jsonl
//! rows: lesson14_distributed/four
//! scale: log
//! ```
//!
//! Then `cargo run -p book -- chart` draws `book/charts/NAME.svg`, and the
//! page includes it as it includes the other pictures:
//!
//! ```text
//! <figure class="picture" tabindex="0" aria-label="Chart: tasks a second">
//! {{#include ../charts/NAME.svg}}
//! <figcaption>What it shows.</figcaption>
//! </figure>
//! ```
//!
//! The lines of a declaration, the first two in every one:
//!
//! - `title`: what is measured and in what; 40 letters fit on a phone.
//! - `from`: the file below `book/`: samples, or a transcript with a table.
//! - `rows`: what to draw, with ` | ` between them. Without it: all.
//! - `scale`: `log` where the figures have not the same size; the picture says
//!   so. Without it, a bar twice as long is twice as much.
//!
//! Of samples, `rows` are `LESSON/ID`, `LESSON/` or `ID`:
//!
//! - `show`: `sides`, a group a row, and a bar a side, pale for CPython and
//!   the limit; `ratio`, a group a lesson, and a bar a row, how many times as
//!   fast as CPython the lesson is, from 1 to either side; `lessons`, a bar a
//!   lesson, of the first side of its row. Without it: `sides`.
//!
//! Of a table in a transcript:
//!
//! - `below`: how the last line above the table begins. The table ends at a
//!   blank line or at a line that begins with `---`. Its first line has the
//!   headings; between two columns there are two blanks or more.
//! - `column`: the one with the figures: its heading, or its number from 1 on.
//!   Without it: the second.
//! - `names`: how many columns at the left name the rows. With 2, the first
//!   names a group, and is blank where it is the same as above. Without it: 1.
//!
//! A cell begins with its figure. What follows in brackets, `(low-high)`, is
//! its spread and drawn as a thin line. A cell without a figure has no bar. A
//! name is drawn without its backticks.

mod svg;
pub mod table;

use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::errors::{Error, Result};

use crate::files::{entries, has_ending, stem};
use crate::measure::samples::Samples;
use crate::measure::tables;
use harness::bench::{Side, figure};
use table::{Cell, Table};

/// What a declaration says.
#[derive(Debug)]
struct Chart {
    title: String,
    from: String,
    below: String,
    column: String,
    names: usize,
    rows: Vec<String>,
    show: Show,
    log: bool,
}

/// What the bars of samples are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Show {
    Sides,
    Ratio,
    Lessons,
}

/// Bars that belong together; most often there is one group without a name.
struct Group {
    name: String,
    bars: Vec<Bar>,
}

/// One figure.
struct Bar {
    name: String,
    cell: Cell,
    pale: bool,
}

/// All declarations, each with its name, in order.
pub(crate) fn declarations(book: &Path) -> Result<Vec<(String, String)>> {
    let mut files = entries(&book.join("charts"))?;
    files.retain(|file| has_ending(file, "txt"));
    let read =
        |file: PathBuf| Ok((stem(&file).into(), fs::read_to_string(file)?));
    files.into_iter().map(read).collect()
}

/// Draws what the declarations ask for, where it has changed.
pub(crate) fn draw_all(book: &Path) -> Result<()> {
    for (name, declaration) in declarations(book)? {
        let svg = draw(book, &name, &declaration)?;
        let file = book.join("charts").join(&name).with_extension("svg");
        if !fs::read_to_string(&file).is_ok_and(|old| old == svg) {
            fs::write(file, svg)?;
            println!("drew charts/{name}.svg");
        }
    }
    Ok(())
}

/// Draws the chart that the text of a declaration asks for. `book` is the
/// book's folder; `name` is the declaration's, and the picture's.
pub(crate) fn draw(
    book: &Path,
    name: &str,
    declaration: &str,
) -> Result<String> {
    let fault = |text| Error::msg(format!("charts/{name}.txt: {text}"));
    let chart = Chart::parse(declaration).map_err(fault)?;
    let file = book.join(&chart.from);
    let groups = if has_ending(&file, "jsonl") {
        let samples = Samples::read(&file).map_err(fault)?;
        chart.groups_of_samples(&samples)
    } else {
        let text = fs::read_to_string(file)
            .map_err(|error| fault(format!("{}: {error}", chart.from)))?;
        Table::below(&text, &chart.below).and_then(|it| chart.groups(&it))
    };
    svg::svg(name, &chart, &groups.map_err(fault)?).map_err(fault)
}

impl Chart {
    fn parse(text: &str) -> Result<Self, String> {
        let mut chart = Self {
            title: String::new(),
            from: String::new(),
            below: String::new(),
            column: "2".into(),
            names: 1,
            rows: Vec::new(),
            show: Show::Sides,
            log: false,
        };
        for line in text.lines() {
            let (key, value) = line
                .split_once(": ")
                .ok_or_else(|| format!("no \"key: value\": {line}"))?;
            let value = value.trim();
            let several = || value.split(" | ").map(String::from).collect();
            match (key, value) {
                ("title", _) => chart.title = value.into(),
                ("from", _) => chart.from = value.into(),
                ("below", _) => chart.below = value.into(),
                ("column", _) => chart.column = value.into(),
                ("names", "1" | "2") => {
                    chart.names = if value == "2" { 2 } else { 1 }
                }
                ("rows", _) => chart.rows = several(),
                ("scale", "log") => chart.log = true,
                ("show", "sides") => chart.show = Show::Sides,
                ("show", "ratio") => chart.show = Show::Ratio,
                ("show", "lessons") => chart.show = Show::Lessons,
                _ => return Err(format!("unknown line: {line}")),
            }
        }
        for (key, value) in [("title", &chart.title), ("from", &chart.from)] {
            if value.is_empty() {
                return Err(format!("no {key}"));
            }
        }
        // A ratio and its inverse are bars of the same length.
        chart.log |= chart.show == Show::Ratio;
        Ok(chart)
    }

    /// The bars of samples, from top to bottom.
    fn groups_of_samples(
        &self,
        samples: &Samples,
    ) -> Result<Vec<Group>, String> {
        let mut rows = Vec::new();
        for pattern in &self.rows {
            let before = rows.len();
            rows.extend(samples.select(pattern));
            if rows.len() == before {
                return Err(format!("no row {pattern:?}"));
            }
        }
        if self.rows.is_empty() {
            rows.extend(&samples.rows);
        }
        let mut groups = Vec::new();
        for row in rows {
            match self.show {
                Show::Sides => {
                    for it in &row.sides {
                        let pale =
                            matches!(it.side, Side::CPython | Side::Limit);
                        let name = match it.side {
                            Side::CPython => format!("CPython: {}", it.name),
                            _ => it.name.clone(),
                        };
                        let cell = Cell::of(&it.series);
                        let bar = Bar { name: plain(&name), cell, pale };
                        put(&mut groups, &plain(&row.what), bar);
                    }
                }
                Show::Ratio => {
                    if let Some(ratio) = tables::ratio(row) {
                        let cell = Cell::parse(&format!("{} x", figure(ratio)));
                        let cell = cell.expect("a figure");
                        let name = plain(&row.what);
                        put(
                            &mut groups,
                            &row.lesson,
                            Bar { name, cell, pale: false },
                        );
                    }
                }
                Show::Lessons => {
                    let first =
                        row.sides.first().ok_or("a row without sides")?;
                    let cell = Cell::of(&first.series);
                    let name = row.lesson.clone();
                    put(&mut groups, "", Bar { name, cell, pale: false });
                }
            }
        }
        Ok(groups)
    }

    /// The figures to draw, from top to bottom.
    fn groups(&self, table: &Table) -> Result<Vec<Group>, String> {
        self.refuse_lost_rows(table)?;
        let column = table.column(&self.column)?;
        let mut groups: Vec<Group> = Vec::new();
        let mut first = "";
        for row in &table.rows {
            if self.names == 1 || !row[0].is_empty() {
                first = &row[0];
            }
            if !self.rows.is_empty() && !self.rows.iter().any(|r| r == first) {
                continue;
            }
            let (group, name) = match self.names {
                1 => ("", first),
                _ => (first, row[1].as_str()),
            };
            if let Some(cell) = Cell::parse(&row[column]) {
                let bar = Bar { name: plain(name), cell, pale: false };
                put(&mut groups, &plain(group), bar);
            }
        }
        match groups.is_empty() {
            true => Err("the table has no figure to draw".into()),
            false => Ok(groups),
        }
    }

    fn refuse_lost_rows(&self, table: &Table) -> Result<(), String> {
        let is_lost =
            |row: &&String| !table.rows.iter().any(|cells| cells[0] == **row);
        match self.rows.iter().find(is_lost) {
            Some(row) => Err(format!("the table has no row {row:?}")),
            None => Ok(()),
        }
    }
}

/// A name as it is drawn: a picture has no code, so no backticks.
fn plain(name: &str) -> String {
    name.replace('`', "")
}

/// Adds a bar to the last group if it belongs there, or to a new one.
fn put(groups: &mut Vec<Group>, name: &str, bar: Bar) {
    match groups.last_mut() {
        Some(group) if group.name == name => group.bars.push(bar),
        _ => groups.push(Group { name: name.into(), bars: vec![bar] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
$ cargo bench
Tasks a second:

                   CPython's                 ours    ratio
small      1,000 (900-1,100)  4,000 (3,000-5,000)   4.00 x
big                       50                   25  0.500 x
the `cat`                                   9,000

The end.
";

    fn chart(more: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("bench.txt"), TEXT).unwrap();
        let begin = "title: Tasks\nfrom: bench.txt\nbelow: Tasks a second\n";
        draw(folder.path(), "tasks", &format!("{begin}{more}"))
    }

    #[test]
    fn a_bar_is_as_long_as_its_figure() {
        let svg = chart("column: ours").unwrap();
        for width in ["44.44%", "0.28%", "100.00%"] {
            assert!(svg.contains(&format!("width=\"{width}\"")), "{svg}");
        }
        assert!(svg.contains(">4,000</text>"), "{svg}");
        assert!(!svg.contains("logarithmic"), "{svg}");
    }

    #[test]
    fn the_description_has_every_figure() {
        let svg = chart("column: ours").unwrap();
        let description = "small: 4,000 (3,000 to 5,000); big: 25; \
                     the cat: 9,000.</desc>";
        assert!(svg.contains(description), "{svg}");
        assert!(svg.contains(">Chart: Tasks</title>"), "{svg}");
        assert!(!svg.contains("\n\n"), "a blank line ends it in Markdown");
    }

    #[test]
    fn a_logarithmic_scale_says_so() {
        let svg = chart("column: ours\nscale: log").unwrap();
        assert!(svg.contains("logarithmic scale"), "{svg}");
    }

    const SAMPLES: &str = "\
{\"machine\":\"here\"}
{\"lesson\":\"lesson08_lock\",\"id\":\"lock\",\"what\":\"a `lock`\",\
\"unit\":\"a second\",\"sides\":[\
{\"side\":\"CPython\",\"name\":\"Lock\",\"samples\":[50, 100, 110]},\
{\"side\":\"Ours\",\"name\":\"Mutex\",\"samples\":[50]}]}
";

    fn chart_of_samples(more: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("s.jsonl"), SAMPLES).unwrap();
        let begin = "title: Locks\nfrom: s.jsonl\n";
        draw(folder.path(), "locks", &format!("{begin}{more}"))
    }

    #[test]
    fn a_row_of_samples_is_a_group_with_a_bar_a_side() {
        let svg = chart_of_samples("rows: lesson08_lock/lock").unwrap();
        assert!(svg.contains(">a lock</text>"), "{svg}");
        assert!(svg.contains("CPython: Lock: 100 (50.0 to 110)"), "{svg}");
        assert_eq!(svg.matches("<g class=\"tl-wait\">").count(), 1, "{svg}");
        let error = chart_of_samples("rows: none").unwrap_err().to_string();
        assert!(error.contains("no row \"none\""), "{error}");
    }

    #[test]
    fn a_ratio_goes_from_one_to_either_side() {
        let svg = chart_of_samples("show: ratio").unwrap();
        assert!(svg.contains(">0.500 x</text>"), "{svg}");
        assert!(svg.contains("x=\"0.00%\""), "{svg}");
        assert!(svg.contains("logarithmic scale"), "{svg}");
    }

    #[test]
    fn a_lesson_is_a_bar() {
        let svg = chart_of_samples("rows: lock\nshow: lessons").unwrap();
        assert!(svg.contains(">lesson08_lock</text>"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 1, "{svg}");
    }

    #[test]
    fn a_name_is_drawn_without_backticks() {
        let svg = chart("column: ours").unwrap();
        assert!(svg.contains(">the cat</text>"), "{svg}");
        assert!(!svg.contains('`'), "{svg}");
        let svg = chart("column: 3\nrows: big").unwrap();
        assert_eq!(svg.matches("<rect").count(), 1, "{svg}");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for (more, fault) in [
            ("column: theirs", "no column \"theirs\""),
            ("column: 7", "no column \"7\""),
            ("rows: small | none", "no row \"none\""),
            ("below: Nothing", "no line that begins with"),
            ("from: gone.txt", "gone.txt: "),
            ("title: ", "no title"),
            (
                "title: How much faster than one after another it is",
                "does not fit into 40 letters: How much",
            ),
            ("colour: red", "unknown line: colour: red"),
            ("show: all", "unknown line: show: all"),
            ("red", "no \"key: value\""),
        ] {
            let error = chart(more).unwrap_err().to_string();
            assert!(error.starts_with("charts/tasks.txt: "), "{error}");
            assert!(error.contains(fault), "{error}");
        }
    }
}
