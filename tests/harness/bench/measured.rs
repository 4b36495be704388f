//! What a benchmark has measured: a row with all its samples.

use std::fmt;

use super::table::{Table, figure};

/// What was measured several times in one run: rates or times.
#[derive(Clone, Debug, PartialEq)]
pub struct Series(Vec<f64>);

impl Series {
    /// Takes what was measured, in any order.
    ///
    /// # Panics
    ///
    /// If there is nothing.
    pub fn new(mut samples: Vec<f64>) -> Self {
        assert!(!samples.is_empty(), "a series has at least one sample");
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }

    /// All samples, from the lowest to the highest.
    pub fn samples(&self) -> &[f64] {
        &self.0
    }

    /// The sample in the middle.
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// The lowest and the highest sample.
    pub fn spread(&self) -> (f64, f64) {
        (self.0[0], self.0[self.0.len() - 1])
    }
}

/// The median, followed by the spread: `21,000 (19,500-23,100)`.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.spread();
        let median = figure(self.median());
        f.pad(&format!("{median} ({}-{})", figure(low), figure(high)))
    }
}

/// The side of a comparison that a measurement belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    /// CPython.
    CPython,
    /// The lesson.
    Ours,
    /// Another way in Rust: the best maintained crate, or the standard library
    /// where the lesson uses a crate.
    Other,
    /// The most that the system or the memory allows.
    Limit,
}

/// One row of a comparison, measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The lesson that it belongs to.
    pub lesson: String,
    /// A name that no other row of the lesson has.
    pub id: String,
    /// What was done, for the reader.
    pub what: String,
    /// The unit of the samples.
    pub unit: String,
    /// How fast each side did it; CPython comes first, if it is there.
    pub sides: Vec<MeasuredSide>,
    /// Why the lesson is not ahead; empty where it should be.
    pub why: String,
    /// How long it took to measure the row.
    pub seconds: f64,
}

/// How fast one side did it.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredSide {
    /// Which side it is.
    pub side: Side,
    /// Its name, for the reader.
    pub name: String,
    /// What was measured.
    pub series: Series,
}

impl Measured {
    /// The first one of this side.
    pub fn side(&self, side: Side) -> Option<&MeasuredSide> {
        self.sides.iter().find(|it| it.side == side)
    }

    /// Whether less is better: in every unit of time, and of memory.
    pub fn less_is_better(&self) -> bool {
        self.unit.ends_with("seconds") || self.unit.starts_with("KiB")
    }

    /// How many times as fast `a` is as `b`.
    pub fn times_as_fast(&self, a: &Series, b: &Series) -> f64 {
        match self.less_is_better() {
            true => b.median() / a.median(),
            false => a.median() / b.median(),
        }
    }

    /// A line of JSON. Its texts are plain ASCII, written down in a benchmark,
    /// so Rust's quotes are JSON's.
    pub fn json(&self) -> String {
        let sides =
            self.sides.iter().map(|MeasuredSide { side, name, series }| {
                format!(
                    "{{\"side\":\"{side:?}\",\"name\":{name:?},\
                 \"samples\":{:?}}}",
                    series.samples()
                )
            });
        let sides: Vec<_> = sides.collect();
        let Self { lesson, id, what, unit, why, seconds, .. } = self;
        let why = match why.as_str() {
            "" => String::new(),
            why => format!("\"why\":{why:?},"),
        };
        format!(
            "{{\"lesson\":{lesson:?},\"id\":{id:?},\"what\":{what:?},\
             \"unit\":{unit:?},{why}\"seconds\":{seconds:.1},\"sides\":[{}]}}\n",
            sides.join(",")
        )
    }
}

/// The rows for a terminal: what was done, then a line for each side. The last
/// column says how many times as fast as CPython a side is.
pub fn text(rows: &[Measured]) -> String {
    let mut table = Table::new(&["", "median (spread)", "times CPython"]);
    for row in rows {
        let cpython = row.side(Side::CPython);
        for it in &row.sides {
            let ratio = cpython.filter(|_| it.side != Side::CPython);
            let ratio = ratio.map_or(String::new(), |cpython| {
                let ratio = row.times_as_fast(&it.series, &cpython.series);
                format!("{} x", figure(ratio))
            });
            let name = format!("  {}{}", it.side.prefix(), it.name);
            table.row(&[name, it.series.to_string(), ratio]);
        }
    }
    let table = table.to_string();
    let mut lines = table.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    for row in rows {
        text += &format!("{}, {}:\n", row.what, row.unit);
        for line in lines.by_ref().take(row.sides.len()) {
            text += line;
            text.push('\n');
        }
    }
    text
}

impl Side {
    /// What is written in front of a name.
    fn prefix(self) -> &'static str {
        match self {
            Self::CPython => "CPython: ",
            Self::Ours => "ours: ",
            Self::Other => "another way: ",
            Self::Limit => "limit: ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Measured {
        let side = |side, name: &str, samples: &[f64]| MeasuredSide {
            side,
            name: name.into(),
            series: Series::new(samples.to_vec()),
        };
        Measured {
            lesson: "lesson08_lock".into(),
            id: "lock".into(),
            what: "acquire a lock".into(),
            unit: "a second".into(),
            why: String::new(),
            sides: vec![
                side(Side::CPython, "Lock", &[2.0, 1.0, 3.0]),
                side(Side::Ours, "std Mutex", &[8.0]),
            ],
            seconds: 1.25,
        }
    }

    #[test]
    fn the_median_is_in_the_middle_of_the_spread() {
        let series = Series::new(vec![3.0, 1.0, 2.0]);
        assert_eq!(series.median(), 2.0);
        assert_eq!(series.spread(), (1.0, 3.0));
        assert_eq!(series.to_string(), "2.00 (1.00-3.00)");
    }

    #[test]
    fn a_row_is_a_line_of_json_with_all_its_samples() {
        assert_eq!(
            row().json(),
            "{\"lesson\":\"lesson08_lock\",\"id\":\"lock\",\
             \"what\":\"acquire a lock\",\"unit\":\"a second\",\
             \"seconds\":1.2,\"sides\":[{\"side\":\"CPython\",\
             \"name\":\"Lock\",\"samples\":[1.0, 2.0, 3.0]},\
             {\"side\":\"Ours\",\"name\":\"std Mutex\",\
             \"samples\":[8.0]}]}\n"
        );
        let behind = Measured { why: "it waits".into(), ..row() };
        assert!(behind.json().contains(",\"why\":\"it waits\",\"seconds\""));
    }

    #[test]
    fn a_table_compares_with_cpython() {
        let right = [
            "                    median (spread)  times CPython",
            "acquire a lock, a second:",
            "  CPython: Lock    2.00 (1.00-3.00)",
            "  ours: std Mutex  8.00 (8.00-8.00)         4.00 x",
        ];
        assert_eq!(text(&[row()]).lines().collect::<Vec<_>>(), right);
    }

    #[test]
    fn less_is_better_in_a_unit_of_time() {
        let time = Measured { unit: "microseconds".into(), ..row() };
        let [slow, fast] = [8.0, 2.0].map(|n| Series::new(vec![n]));
        assert_eq!(time.times_as_fast(&fast, &slow), 4.0);
        assert_eq!(row().times_as_fast(&fast, &slow), 0.25);
    }
}
