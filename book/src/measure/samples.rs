//! Files of samples: the machine on the first line, then a row a line, as
//! JSON.

use std::fs;
use std::path::Path;

use harness::bench::{Measured, MeasuredSide, Series, Side};
use serde_json::Value;

/// What was measured in one run.
pub struct Samples {
    /// When and where.
    pub machine: String,
    /// Every row, lesson by lesson.
    pub rows: Vec<Measured>,
}

impl Samples {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or a line is not a row.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let text = text.map_err(|error| format!("measured/{name}: {error}"))?;
        Self::parse(&text).map_err(|error| format!("measured/{name}: {error}"))
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let machine = value(lines.next().unwrap_or_default())?;
        let machine = string(&machine, "machine")?;
        let rows = lines.map(row).collect::<Result<Vec<_>, _>>()?;
        let mut samples = Self { machine, rows };
        samples.rows.sort_by(|a, b| a.lesson.cmp(&b.lesson));
        Ok(samples)
    }

    /// The text of a file.
    pub fn text(&self) -> String {
        let head = format!("{{\"machine\":{:?}}}\n", self.machine);
        self.rows.iter().map(Measured::json).fold(head, |text, row| text + &row)
    }

    /// The rows with this id of all lessons, with that of one lesson
    /// (`lesson08_lock/four`), or all of a lesson (`lesson08_lock/`).
    pub fn select<'a>(
        &'a self,
        pattern: &'a str,
    ) -> impl Iterator<Item = &'a Measured> {
        self.rows.iter().filter(move |row| match pattern.split_once('/') {
            None => row.id == pattern,
            Some((lesson, id)) => {
                row.lesson == lesson && (id.is_empty() || row.id == id)
            }
        })
    }
}

/// One line.
pub fn row(line: &str) -> Result<Measured, String> {
    let row = value(line)?;
    let sides = row["sides"].as_array().ok_or("a row without sides")?;
    let sides = sides.iter().map(|side| {
        let samples = side["samples"].as_array().into_iter().flatten();
        let samples: Vec<_> = samples.filter_map(Value::as_f64).collect();
        match samples.is_empty() {
            true => Err(format!("a side without samples: {line}")),
            false => Ok(MeasuredSide {
                side: side_of(&string(side, "side")?)?,
                name: string(side, "name")?,
                series: Series::new(samples),
            }),
        }
    });
    Ok(Measured {
        lesson: string(&row, "lesson")?,
        id: string(&row, "id")?,
        what: string(&row, "what")?,
        unit: string(&row, "unit")?,
        sides: sides.collect::<Result<_, _>>()?,
        why: row["why"].as_str().unwrap_or_default().into(),
        seconds: row["seconds"].as_f64().unwrap_or_default(),
    })
}

fn value(line: &str) -> Result<Value, String> {
    serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))
}

fn string(value: &Value, key: &str) -> Result<String, String> {
    let text = value[key].as_str();
    text.map(String::from).ok_or_else(|| format!("no {key}: {value}"))
}

fn side_of(name: &str) -> Result<Side, String> {
    let sides = [Side::CPython, Side::Ours, Side::Other, Side::Limit];
    let side = sides.into_iter().find(|side| format!("{side:?}") == name);
    side.ok_or_else(|| format!("no side {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
{\"machine\":\"today, a processor\"}
{\"lesson\":\"lesson08_lock\",\"id\":\"lock\",\"what\":\"lock\",\
\"unit\":\"a second\",\"seconds\":2.5,\
\"sides\":[{\"side\":\"Ours\",\"name\":\"Mutex\",\"samples\":[1.0, 3.0]}]}
";

    #[test]
    fn what_was_written_is_read() {
        let samples = Samples::parse(TEXT).unwrap();
        assert_eq!(samples.rows[0].sides[0].series.spread(), (1.0, 3.0));
        assert_eq!(samples.text(), TEXT);
    }

    #[test]
    fn a_row_is_selected_by_its_lesson_and_id() {
        let samples = Samples::parse(TEXT).unwrap();
        let count = |pattern| samples.select(pattern).count();
        let patterns = ["lock", "lesson08_lock/", "lesson08_lock/lock"];
        assert_eq!(patterns.map(count), [1, 1, 1]);
        assert_eq!(["four", "lesson09/", "lesson08_lock/x"].map(count), [0; 3]);
    }

    #[test]
    fn a_line_that_is_no_row_is_refused() {
        for (from, to, fault) in [
            ("[1.0, 3.0]", "[]", "without samples"),
            ("Ours", "Mine", "no side Mine"),
            ("\"id\"", "\"name\"", "no id"),
            ("]}]}", "]}", "EOF"),
            ("machine", "engine", "no machine"),
        ] {
            let error = Samples::parse(&TEXT.replace(from, to)).err().unwrap();
            assert!(error.contains(fault), "{fault}: {error}");
        }
    }
}
