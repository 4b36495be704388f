//! Figures, and tables of them.

use std::fmt;

/// Three significant digits, and commas: `1,530,000`, `19.4`, `0.00123`.
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

/// Rows in columns. A column without a heading holds names and is aligned left,
/// every other one right.
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
    /// If it has not as many cells as there are headings.
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
            let headings = &self.0[0];
            let cells = row.iter().zip(headings).zip(&widths);
            let cells = cells.map(|((cell, heading), width)| {
                match heading.is_empty() {
                    true => format!("{cell:<width$}"),
                    false => format!("{cell:>width$}"),
                }
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_significant_digits() {
        let figures = [999.6, 1000.0, 12.0, 123_456.0, -1234.0].map(figure);
        let right = ["1,000", "1,000", "12.0", "123,000", "-1,230"];
        assert_eq!(figures, right);
    }
}
