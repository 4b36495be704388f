//! Medians with their spread, ours beside CPython's, for `cargo bench`.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::process::Command;

use crate::root;

/// What was measured again and again in one run: rates or times.
#[derive(Clone, Debug, PartialEq)]
pub struct Series(Vec<f64>);

impl Series {
    /// Measures `rounds` times.
    ///
    /// # Panics
    ///
    /// Without a round.
    pub fn of(rounds: usize, measure: impl FnMut() -> f64) -> Self {
        Self::new(std::iter::repeat_with(measure).take(rounds).collect())
    }

    /// Takes what was measured elsewhere.
    ///
    /// # Panics
    ///
    /// When there is nothing.
    pub fn new(mut measured: Vec<f64>) -> Self {
        assert!(!measured.is_empty(), "a series has at least one figure");
        measured.sort_by(f64::total_cmp);
        Self(measured)
    }

    /// The figure in the middle.
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// The lowest and the highest figure.
    pub fn spread(&self) -> (f64, f64) {
        (self.0[0], self.0[self.0.len() - 1])
    }
}

/// The median, and the spread behind it: `21,000 (19,500-23,100)`.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.spread();
        let text = format!(
            "{} ({}-{})",
            figure(self.median()),
            figure(low),
            figure(high)
        );
        f.pad(&text)
    }
}

/// Three digits that count, and commas: `1,530,000`, `19.4`, `0.00123`.
///
/// ```
/// use harness::bench::figure;
///
/// let figures = [1_528_734.0, 19.42, 0.001_234, 0.0].map(figure);
/// assert_eq!(figures, ["1,530,000", "19.4", "0.00123", "0"]);
/// ```
pub fn figure(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    let magnitude = number.abs().log10().floor() as i32;
    let unit = 10_f64.powi(magnitude - 2);
    let rounded = (number / unit).round() * unit;
    let decimals = (2 - magnitude).max(0) as usize;
    let text = format!("{rounded:.decimals$}");
    let (whole, rest) = match text.split_once('.') {
        Some((whole, rest)) => (whole, format!(".{rest}")),
        None => (text.as_str(), String::new()),
    };
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && digit != '-' {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &rest
}

/// Rows in columns, the first left, the others right.
///
/// ```
/// use harness::bench::Table;
///
/// let mut table = Table::new(&["", "CPython", "ours", "ratio"]);
/// table.row(&["pipe", "189,000", "976,000", "5.2 x"]);
/// assert_eq!(
///     table.to_string(),
///     "      CPython     ours  ratio\n\
///      pipe  189,000  976,000  5.2 x\n"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        let mut table = Self(Vec::new());
        table.row(headings);
        table
    }

    /// Adds a row.
    ///
    /// # Panics
    ///
    /// When it has not as many cells as there are headings.
    pub fn row(&mut self, cells: &[impl ToString]) {
        let cells: Vec<_> = cells.iter().map(ToString::to_string).collect();
        let columns = self.0.first().map_or(cells.len(), Vec::len);
        assert_eq!(cells.len(), columns, "a cell for each heading");
        self.0.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = |cell: &String| cell.chars().count();
        let columns = self.0[0].len();
        let widths: Vec<_> = (0..columns)
            .map(|i| self.0.iter().map(|row| length(&row[i])).max())
            .map(Option::unwrap_or_default)
            .collect();
        for row in &self.0 {
            let mut line = format!("{:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(&widths).skip(1) {
                line += &format!("  {cell:>width$}");
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// On which side of a comparison a figure stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    /// CPython's.
    CPython,
    /// That of the best kept crate which does the same, or of the standard
    /// library where the lesson uses a crate.
    Other,
    /// The lesson's.
    Ours,
    /// What the system or the memory allows at most.
    Limit,
}

/// Keeps figures for the chapter "How fast?", where `cargo run -p book --
/// measure` wants them: appends a line for each to the file `$BENCH_ROWS`.
///
/// Figures of the same lesson, work and unit become one row there, whichever
/// benchmark they come from.
///
/// # Panics
///
/// When the file cannot be written.
pub fn keep(
    lesson: &str,
    what: &str,
    unit: &str,
    figures: &[(Side, &str, &Series)],
) {
    let Some(file) = env::var_os("BENCH_ROWS") else {
        return;
    };
    let lines = figures.iter().map(|(side, who, series)| {
        format!("{lesson} | {what} | {unit} | {side:?} | {who} | {series}\n")
    });
    let lines: String = lines.collect();
    let file = File::options().append(true).create(true).open(file);
    let written = file.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.expect("the file for the rows can be written");
}

/// How often everything takes its turn: so often, or once where `$BENCH_QUICK`
/// only asks whether the benchmark works.
pub fn turns(usual: usize) -> usize {
    if is_quick() { 1 } else { usual }
}

/// How much is done in a turn: so much, or a hundredth of it where
/// `$BENCH_QUICK` is set.
pub fn times(usual: usize) -> usize {
    if is_quick() { (usual / 100).max(10) } else { usual }
}

fn is_quick() -> bool {
    env::var_os("BENCH_QUICK").is_some()
}

/// Runs a Python script of the workspace, by `$PYTHON` or `python3`, and reads
/// the numbers that it prints, one a line.
///
/// # Panics
///
/// When it cannot be run, fails, or prints something else.
pub fn python(script: &str, args: &[&str]) -> Vec<f64> {
    let output = Command::new(python_command())
        .arg(script)
        .args(args)
        .current_dir(root())
        .output()
        .expect("needs python3");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} {args:?}: {errors}");
    said.lines()
        .map(|line| line.parse().unwrap_or_else(|_| panic!("{script}: {line}")))
        .collect()
}

/// `$PYTHON`, or `python3`.
pub fn python_command() -> std::ffi::OsString {
    env::var_os("PYTHON").unwrap_or("python3".into())
}

/// When and where: the date, the system, its cores, and both languages.
///
/// ```
/// let here = harness::bench::here();
/// assert!(here.contains(" cores, rustc "), "{here}");
/// ```
pub fn here() -> String {
    let says = |command: &str, arg: &str| {
        let output = Command::new(command).arg(arg).output();
        let text = output.map_or_else(|_| Vec::new(), |o| o.stdout);
        String::from_utf8_lossy(&text).trim().to_string()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rust = says("rustc", "--version");
    let rust = rust.split(" (").next().unwrap_or_default();
    format!(
        "{}, {} {}, {cores} cores, {rust}, {}",
        says("date", "+%F"),
        env::consts::OS,
        env::consts::ARCH,
        says(&python_command().to_string_lossy(), "--version"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_of_the_spread() {
        let series = Series::new(vec![3.0, 1.0, 2.0]);
        assert_eq!((series.median(), series.spread()), (2.0, (1.0, 3.0)));
        assert_eq!(series.to_string(), "2.00 (1.00-3.00)");
        let mut rounds = 0.0;
        let counted = Series::of(3, || {
            rounds += 1.0;
            rounds
        });
        assert_eq!(counted, series);
    }

    #[test]
    fn figures_have_three_digits_that_count() {
        let figures = [999.6, 1000.0, 12.0, 123_456.0, -1234.0].map(figure);
        let right = ["1,000", "1,000", "12.0", "123,000", "-1,230"];
        assert_eq!(figures, right);
    }
}
