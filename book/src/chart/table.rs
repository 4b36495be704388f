//! A table in a transcript.

use harness::bench::{Series, figure};

/// Headings and rows; every row has as many cells as there are headings.
pub struct Table {
    /// The names of the columns.
    pub headings: Vec<String>,
    /// The cells below them, row by row.
    pub rows: Vec<Vec<String>>,
}

/// A figure and its spread, and how both, or it alone, are written.
pub struct Cell {
    /// All of the cell.
    pub whole: String,
    /// The figure with what follows it, without the spread.
    pub text: String,
    /// The figure itself.
    pub figure: f64,
    /// The lowest and the highest.
    pub spread: Option<(f64, f64)>,
}

impl Table {
    /// The table below the line that begins with `above`.
    ///
    /// # Errors
    ///
    /// When there is no such line, or no table below it.
    pub fn below(text: &str, above: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        if !lines.any(|line| line.starts_with(above)) {
            return Err(format!("no line that begins with {above:?}"));
        }
        let lines = lines.skip_while(|line| line.trim().is_empty());
        let lines = lines.take_while(|line| {
            !line.trim().is_empty() && !line.starts_with("---")
        });
        let lines: Vec<Vec<char>> =
            lines.map(|line| line.chars().collect()).collect();
        let columns = columns(&lines);
        let mut rows = lines.iter().map(|line| {
            let cell = |(start, end): &(usize, usize)| {
                let cell = line.get(*start..(*end).min(line.len()));
                cell.map_or(String::new(), |c| c.iter().collect())
            };
            let cells = columns.iter().map(cell);
            cells.map(|cell| cell.trim().to_string()).collect()
        });
        let headings = rows.next();
        let headings = headings.ok_or(format!("no table below {above:?}"))?;
        Ok(Self { headings, rows: rows.collect() })
    }

    /// The column of this heading, or of this number from 1 on.
    ///
    /// # Errors
    ///
    /// If the table has no such column.
    pub fn column(&self, asked: &str) -> Result<usize, String> {
        let by_heading = self.headings.iter().position(|it| it == asked);
        let by_number = asked.parse().ok().and_then(|n: usize| {
            let all = 1..=self.headings.len();
            all.contains(&n).then(|| n - 1)
        });
        let column = by_heading.or(by_number);
        column.ok_or(format!("no column {asked:?}"))
    }
}

/// Where the columns begin and end: between two of them, two columns of
/// letters or more are blank in every line.
fn columns(lines: &[Vec<char>]) -> Vec<(usize, usize)> {
    let width = lines.iter().map(Vec::len).max().unwrap_or(0);
    let is_blank = |at: usize| {
        lines.iter().all(|line| line.get(at).is_none_or(|c| *c == ' '))
    };
    let mut columns: Vec<(usize, usize)> = Vec::new();
    for at in (0..width).filter(|at| !is_blank(*at)) {
        match columns.last_mut() {
            Some((_, end)) if at < *end + 2 => *end = at + 1,
            _ => columns.push((at, at + 1)),
        }
    }
    columns
}

impl Cell {
    /// The median and the spread of samples.
    pub fn of(series: &Series) -> Self {
        let text = figure(series.median());
        let (whole, spread) = match series.samples().len() {
            1 => (text.clone(), None),
            _ => (series.to_string(), Some(series.spread())),
        };
        Self { whole, text, figure: series.median(), spread }
    }

    /// `21,000`, `31.4 x`, `21,000 (19,500-23,100)`; `None` without a figure.
    pub fn parse(cell: &str) -> Option<Self> {
        let (text, spread) = match cell.split_once('(') {
            Some((text, spread)) => (text.trim_end(), spread),
            None => (cell, ""),
        };
        let figure = number(text.split(' ').next()?)?;
        let spread = spread.trim_end_matches(')').split_once('-');
        let spread =
            spread.and_then(|(low, high)| Some((number(low)?, number(high)?)));
        let whole = cell.into();
        let text = text.into();
        Some(Self { whole, text, figure, spread })
    }
}

fn number(text: &str) -> Option<f64> {
    text.replace(',', "").parse().ok().filter(|n: &f64| n.is_finite())
}
