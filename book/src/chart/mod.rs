//! Charts: bars from the table of a recorded transcript, so that a page and
//! its picture have the same figures.
//!
//! To add one to a page, say in `book/charts/NAME.txt` where its figures
//! stand:
//!
//! ```text
//! title: Tasks a second, four workers
//! from: transcripts/lesson14_distributed/bench.txt
//! below: Tasks a second with four workers:
//! column: 2
//! pale: CPython's master, CPython's
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
//! The lines of a declaration, the first three in every one:
//!
//! - `title`: what is measured and in what; 40 letters fit on a phone.
//! - `from`: the file below `book/`.
//! - `below`: how the last line above the table begins. The table ends at a
//!   blank line or at a line that begins with `---`. Its first line has the
//!   headings; between two columns there are two blanks or more.
//! - `column`: the one with the figures: its heading, or its number from 1 on.
//!   Several stand with ` | ` between them; then each row becomes a group of
//!   bars, which the headings name; `4 as CPython's` where there is none.
//!   Without it: the second.
//! - `names`: how many columns at the left name the rows. With 2, the first
//!   names a group, and is blank where it is the same as above. Without it: 1.
//! - `rows`: the rows, or groups, to draw, with ` | ` between them. Without
//!   it: all of them.
//! - `scale`: `log` where the figures have not the same size; the picture says
//!   so. Without it, a bar twice as long is twice as much.
//! - `from_one`: `yes` for ratios: a bar begins at 1 and goes to the left when
//!   its figure is less. It wants `scale: log`.
//! - `pale`: bars are pale when their names, or groups' names, begin so;
//!   several with ` | ` between them. For what ours is compared with.
//!
//! A cell begins with its figure. What follows in brackets, `(low-high)`, is
//! its spread and drawn as a thin line; `31.4 x` is a figure as well. A cell
//! without a figure has no bar. A name is drawn without its backticks.

mod svg;
pub mod table;

use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::errors::{Error, Result};

use crate::files::{entries, has_ending, stem};
use table::{Cell, Table};

/// What a declaration says.
#[derive(Debug)]
struct Chart {
    title: String,
    from: String,
    below: String,
    columns: Vec<String>,
    names: usize,
    rows: Vec<String>,
    log: bool,
    from_one: bool,
    pale: Vec<String>,
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
    let text = fs::read_to_string(file)
        .map_err(|error| fault(format!("{}: {error}", chart.from)))?;
    let table = Table::below(&text, &chart.below).map_err(fault)?;
    let groups = chart.groups(&table).map_err(fault)?;
    svg::svg(name, &chart, &groups).map_err(fault)
}

impl Chart {
    fn parse(text: &str) -> Result<Self, String> {
        let mut chart = Self {
            title: String::new(),
            from: String::new(),
            below: String::new(),
            columns: vec!["2".into()],
            names: 1,
            rows: Vec::new(),
            log: false,
            from_one: false,
            pale: Vec::new(),
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
                ("column", _) => chart.columns = several(),
                ("names", "1" | "2") => {
                    chart.names = if value == "2" { 2 } else { 1 }
                }
                ("rows", _) => chart.rows = several(),
                ("scale", "log") => chart.log = true,
                ("from_one", "yes") => chart.from_one = true,
                ("pale", _) => chart.pale = several(),
                _ => return Err(format!("what is this? {line}")),
            }
        }
        for (key, value) in [
            ("title", &chart.title),
            ("from", &chart.from),
            ("below", &chart.below),
        ] {
            if value.is_empty() {
                return Err(format!("no {key}"));
            }
        }
        match chart.from_one && !chart.log {
            true => Err("from_one wants scale: log".into()),
            false => Ok(chart),
        }
    }

    /// The figures to draw, from top to bottom.
    fn groups(&self, table: &Table) -> Result<Vec<Group>, String> {
        self.refuse_lost_rows(table)?;
        let columns = self.columns.iter().map(|name| table.column(name));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let mut groups: Vec<Group> = Vec::new();
        let mut first = "";
        for row in &table.rows {
            if self.names == 1 || !row[0].is_empty() {
                first = &row[0];
            }
            if !self.rows.is_empty() && !self.rows.iter().any(|r| r == first) {
                continue;
            }
            for (column, heading) in &columns {
                let (group, name) = match (self.names, columns.len()) {
                    (1, 1) => ("", first),
                    (1, _) => (first, *heading),
                    _ => (first, row[1].as_str()),
                };
                if let Some(cell) = Cell::parse(&row[*column]) {
                    let pale = self.is_pale(group) || self.is_pale(name);
                    let bar = Bar { name: plain(name), cell, pale };
                    put(&mut groups, &plain(group), bar);
                }
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

    fn is_pale(&self, name: &str) -> bool {
        self.pale.iter().any(|pale| name.starts_with(pale))
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
    fn it_says_in_words_what_it_shows() {
        let svg = chart("column: ours").unwrap();
        let words = "small: 4,000 (3,000 to 5,000); big: 25; \
                     the cat: 9,000.</desc>";
        assert!(svg.contains(words), "{svg}");
        assert!(svg.contains(">Chart: Tasks</title>"), "{svg}");
        assert!(!svg.contains("\n\n"), "a blank line ends it in Markdown");
    }

    #[test]
    fn a_logarithmic_scale_says_so() {
        let svg = chart("column: ours\nscale: log").unwrap();
        assert!(svg.contains("logarithmic scale"), "{svg}");
    }

    #[test]
    fn a_ratio_goes_from_one_to_either_side() {
        let more = "column: ratio\nscale: log\nfrom_one: yes";
        let svg = chart(more).unwrap();
        assert!(svg.contains(">0.500 x</text>"), "{svg}");
        let bars: Vec<_> =
            svg.lines().filter(|line| line.contains("<rect")).collect();
        assert!(bars[0].contains("x=\"33.33%\""), "{bars:?}");
        assert!(bars[0].contains("width=\"66.67%\""), "{bars:?}");
        assert!(bars[1].contains("x=\"0.00%\""), "{bars:?}");
        assert!(bars[1].contains("width=\"33.33%\""), "{bars:?}");
    }

    #[test]
    fn several_columns_make_groups() {
        let svg = chart("column: CPython's | ours\npale: CPython").unwrap();
        assert_eq!(svg.matches("class=\"tl-title\"").count(), 4, "{svg}");
        assert_eq!(svg.matches(">ours</text>").count(), 3, "{svg}");
        assert_eq!(svg.matches("<g class=\"tl-wait\">").count(), 2, "{svg}");
        let svg = chart("column: 2 | 3 as mine").unwrap();
        assert_eq!(svg.matches(">mine</text>").count(), 3, "{svg}");
        let svg = chart("column: 3\nrows: big").unwrap();
        assert_eq!(svg.matches("<rect").count(), 1, "{svg}");
    }

    #[test]
    fn a_name_is_drawn_without_backticks() {
        let svg = chart("column: ours\npale: the `cat`").unwrap();
        assert!(svg.contains(">the cat</text>"), "{svg}");
        assert!(!svg.contains('`'), "{svg}");
        assert_eq!(svg.matches("<g class=\"tl-wait\">").count(), 1, "{svg}");
        let svg = chart("column: 2 | 3").unwrap();
        assert!(!svg.contains('`'), "{svg}");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for (more, fault) in [
            ("column: 9 as theirs", "no column \"9\""),
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
            ("colour: red", "what is this? colour: red"),
            ("from_one: yes", "wants scale: log"),
            ("red", "no \"key: value\""),
        ] {
            let error = chart(more).unwrap_err().to_string();
            assert!(error.starts_with("charts/tasks.txt: "), "{error}");
            assert!(error.contains(fault), "{error}");
        }
    }
}
