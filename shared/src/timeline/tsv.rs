//! A timeline as a table: one span a line, tabs between the columns.

use std::fmt::Write;

use super::model::{Interval, Kind, Lane, Picture};

const HEADINGS: &str = "picture\tlane\tname\tkind\tlabel\tstart\tend\n";

/// Writes the pictures as a table, in which [`from_tsv`] finds them again.
///
/// A line has the picture's title, the number of the lane in it and its name,
/// `work` or `wait`, the label, and when the span began and ended, in seconds.
/// A picture without spans has no line.
///
/// ```
/// use shared::timeline::{Interval, Kind, Lane, Picture, from_tsv, tsv};
///
/// let label = "adds".to_string();
/// let kind = Kind::Work;
/// let intervals = vec![Interval { label, kind, start: 0.0, end: 1.25 }];
/// let lanes = vec![Lane { name: "Thread-1".into(), intervals }];
/// let pictures = [Picture { title: "sum".into(), lanes }];
/// let table = tsv(&pictures);
/// let span = "sum\t1\tThread-1\twork\tadds\t0.000000\t1.250000";
/// assert_eq!(table.lines().nth(1), Some(span));
/// assert_eq!(from_tsv(&table).unwrap(), pictures);
/// ```
pub fn tsv(pictures: &[Picture]) -> String {
    let mut table = String::from(HEADINGS);
    for Picture { title, lanes } in pictures {
        for (number, Lane { name, intervals }) in (1..).zip(lanes) {
            for Interval { label, kind, start, end } in intervals {
                let kind = kind.word();
                let lane = format!("{title}\t{number}\t{name}");
                let when = format!("{start:.6}\t{end:.6}");
                writeln!(table, "{lane}\t{kind}\t{label}\t{when}")
                    .expect("a String takes every line");
            }
        }
    }
    table
}

/// Reads the pictures that [`tsv`] has written.
///
/// # Errors
///
/// Names the first line that is not one of its lines.
pub fn from_tsv(table: &str) -> Result<Vec<Picture>, String> {
    let Some(spans) = table.strip_prefix(HEADINGS) else {
        return Err("line 1: no headings of a timeline".into());
    };
    let mut pictures = Vec::new();
    for (line, span) in (2..).zip(spans.lines()) {
        let put = put_span(&mut pictures, span);
        put.ok_or_else(|| format!("line {line}: no span: {span:?}"))?;
    }
    Ok(pictures)
}

/// Adds a span to its lane; `None` when the line is not one.
fn put_span(pictures: &mut Vec<Picture>, line: &str) -> Option<()> {
    let fields: Vec<_> = line.split('\t').collect();
    let [title, number, name, kind, label, start, end] = fields[..] else {
        return None;
    };
    let kind = Kind::from_word(kind)?;
    let start: f64 = start.parse().ok()?;
    let end: f64 = end.parse().ok()?;
    if !(start.is_finite() && end.is_finite() && start <= end) {
        return None;
    }
    if pictures.last().is_none_or(|last| last.title != title) {
        pictures.push(Picture { title: title.into(), lanes: Vec::new() });
    }
    let lanes = &mut pictures.last_mut()?.lanes;
    let number: usize = number.parse().ok()?;
    if number == lanes.len() + 1 {
        lanes.push(Lane { name: name.into(), intervals: Vec::new() });
    }
    let lane = lanes.last_mut()?;
    let interval = Interval { label: label.into(), kind, start, end };
    lane.intervals.push(interval);
    let is_last = number == lanes.len() && lanes.last()?.name == name;
    is_last.then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
        picture\tlane\tname\tkind\tlabel\tstart\tend\n\
        a\t1\tchild\twork\tone\t0.000000\t1.000000\n\
        a\t1\tchild\twait\ttwo\t1.000000\t1.000000\n\
        a\t2\tchild\twork\tone\t0.500000\t2.000000\n\
        b\t1\tmain\twait\tnap\t3.000000\t4.123456\n";

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let pictures = from_tsv(TABLE).unwrap();
        assert_eq!(tsv(&pictures), TABLE);
        let intervals = |picture: &Picture| -> Vec<_> {
            picture.lanes.iter().map(|lane| lane.intervals.len()).collect()
        };
        assert_eq!(intervals(&pictures[0]), [2, 1], "two lanes of one name");
        assert_eq!(intervals(&pictures[1]), [1]);
        assert_eq!(from_tsv(HEADINGS), Ok(vec![]));
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        let refusal = |old, new| {
            assert!(TABLE.contains(old), "{old:?}");
            from_tsv(&TABLE.replacen(old, new, 1)).expect_err(new)
        };
        assert_eq!(refusal("name", "nom"), "line 1: no headings of a timeline");
        let third = "line 3: no span: ";
        for (old, new) in [
            ("two\t1.0", "two\t1.5"),
            ("wait\ttwo", "rest\ttwo"),
            ("\ttwo", ""),
            ("1\tchild\twait", "3\tchild\twait"),
            ("1\tchild\twait", "1\tChild\twait"),
            ("two\t1.000000", "two\tNaN"),
        ] {
            let refusal = refusal(old, new);
            assert!(refusal.starts_with(third), "{old:?}: {refusal}");
        }
    }
}
