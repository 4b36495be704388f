//! Figures: the median of a few tries with its spread, and the memory of a
//! process.

use std::{fmt, fs, io, iter};

/// How many times everything is measured.
pub const TRIES: usize = 3;

/// The same thing, measured a few times.
#[derive(Debug)]
pub struct Series(Vec<f64>);

impl Series {
    /// Measures [`TRIES`] times.
    ///
    /// # Errors
    ///
    /// The first one of `measure`.
    ///
    /// ```
    /// use shared::measure::Series;
    ///
    /// let mut figures = [2.0, 3.5, 1.0].into_iter();
    /// let series = Series::of(|| Ok(figures.next().unwrap()))?;
    /// assert_eq!(series.median(), 2.0);
    /// assert_eq!(format!("{series:.1}"), "2.0 (1.0-3.5)");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn of(measure: impl FnMut() -> io::Result<f64>) -> io::Result<Self> {
        let measured = iter::repeat_with(measure).take(TRIES);
        let mut measured = measured.collect::<io::Result<Vec<_>>>()?;
        measured.sort_by(f64::total_cmp);
        Ok(Self(measured))
    }

    /// The figure in the middle.
    pub fn median(&self) -> f64 {
        self.0[TRIES / 2]
    }
}

/// The median, followed by the spread: `0.153 (0.150-0.162)`. A precision sets
/// the digits, and a width aligns the text to the right.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        let width = f.width().unwrap_or(0);
        let [low, high] = [self.0[0], self.0[TRIES - 1]];
        let text = format!(
            "{:.digits$} ({low:.digits$}-{high:.digits$})",
            self.median()
        );
        write!(f, "{text:>width$}")
    }
}

/// The KiB of memory that a process and its children use, shared pages counted
/// in shares (Linux's `Pss`); `None` on other systems.
///
/// ```
/// let used = shared::measure::kib_with_children(std::process::id());
/// assert_eq!(used.is_some(), cfg!(target_os = "linux"));
/// ```
pub fn kib_with_children(pid: u32) -> Option<f64> {
    let file = format!("/proc/{pid}/task/{pid}/children");
    let children = fs::read_to_string(file).unwrap_or_default();
    let children = children.split_whitespace().flat_map(str::parse);
    // A child that has just exited uses none.
    Some(kib_of(pid)? + children.filter_map(kib_of).sum::<f64>())
}

fn kib_of(pid: u32) -> Option<f64> {
    let file = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with("Pss:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// How a growth is printed, divided by `n`: `unknown` where it was not
/// measured, and 0.0 for what has become less.
///
/// ```
/// use shared::measure::growth_each;
///
/// assert_eq!(growth_each(Some(2.0), Some(5.0), 2), "1.5");
/// assert_eq!(growth_each(Some(5.0), Some(2.0), 2), "0.0");
/// assert_eq!(growth_each(None, None, 2), "unknown");
/// ```
pub fn growth_each(
    before: Option<f64>,
    after: Option<f64>,
    n: usize,
) -> String {
    match (before, after) {
        (Some(before), Some(after)) => {
            format!("{:.1}", ((after - before) / n as f64).max(0.0))
        }
        _ => "unknown".into(),
    }
}
