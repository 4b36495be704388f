//! The output of a run, and assertions about it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::template::{Found, fit};

/// A program that has run, or a recorded transcript of one.
///
/// ```
/// let shown = "\
/// --- demo: two threads ---
/// A begins
/// B begins
/// A ends with 25
/// B ends with 64
/// --- demo took 0.50 s ---
/// ";
/// let run = harness::Run::from_text(shown);
/// run.exact(&["A begins", "{*}", "A ends with {a}", "B ends with {b}"]);
/// run.before("B begins", "A ends{*}");
/// assert_eq!(run.one("A ends with {a}").1.number("a"), 25.0);
/// assert_eq!(run.most_in_flight("{speaker} begins", "{speaker} ends{*}"), 2);
/// assert_eq!(run.by_speaker("{speaker} ends with {what}")["B"], ["64"]);
/// assert_eq!(run.seconds, 0.5);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What a terminal would show between the part's heading and its end; all
    /// of it when there is no heading.
    pub lines: Vec<String>,
    /// The lines of standard error, if it was separate.
    pub errors: Vec<String>,
    /// The exit code; `None` when a signal ended the program.
    pub code: Option<i32>,
    /// How long the part says that it took, in seconds.
    pub seconds: f64,
    /// How long the whole program took, seen from outside.
    pub elapsed: Duration,
}

impl Run {
    /// Reads what a terminal showed.
    pub fn from_text(text: &str) -> Self {
        let mut run = Self { code: Some(0), ..Self::default() };
        let lines: Vec<_> = text.lines().map(String::from).collect();
        let heading = |line: &String| {
            fit("--- {part}: {*} ---", line).map(|found| {
                let part = found.text("part");
                format!("--- {part} took {{seconds}} s ---")
            })
        };
        let begin = lines.iter().position(|line| heading(line).is_some());
        if let Some(begin) = begin
            && let Some(footer) = heading(&lines[begin])
        {
            let mut ends = lines.iter().enumerate().skip(begin + 1);
            let end = ends.find_map(|(i, l)| Some((i, fit(&footer, l)?)));
            let (end, found) = end.unwrap_or_else(|| {
                panic!("the part has a heading and no end:\n{text}")
            });
            run.seconds = found.number("seconds");
            run.lines = lines[begin + 1..end].to_vec();
        } else {
            run.lines = lines;
        }
        run
    }

    /// All lines, these and no others, in this order.
    ///
    /// # Panics
    ///
    /// When the lines differ. Every assertion here prints all lines.
    #[track_caller]
    pub fn exact(&self, templates: &[&str]) -> Found {
        let mut found = Found::default();
        for (i, template) in templates.iter().enumerate() {
            let line = self.lines.get(i).map(String::as_str);
            let fits = line.and_then(|line| fit(template, line));
            match fits.and_then(|more| found.join(&more)) {
                Some(both) => found = both,
                None => {
                    self.fail(&format!("line {} is not {template:?}", i + 1))
                }
            }
        }
        if self.lines.len() > templates.len() {
            self.fail(&format!("more than {} lines", templates.len()));
        }
        found
    }

    /// All lines, these and no others, in any order.
    #[track_caller]
    pub fn in_any_order(&self, templates: &[&str]) -> Found {
        let lines: Vec<_> = self.lines.iter().map(String::as_str).collect();
        if lines.len() != templates.len() {
            self.fail(&format!("not exactly {} lines", templates.len()));
        }
        match assign(&lines, templates, &Found::default()) {
            Some(found) => found,
            None => {
                self.fail(&format!("not these in any order: {templates:?}"))
            }
        }
    }

    /// The first word of each line: the names in a list.
    pub fn names(&self) -> Vec<&str> {
        let lines = self.lines.iter();
        lines.filter_map(|line| line.split_whitespace().next()).collect()
    }

    /// Every line that fits, with its place.
    pub fn all(&self, template: &str) -> Vec<(usize, Found)> {
        let lines = self.lines.iter().enumerate();
        lines.filter_map(|(i, line)| Some((i, fit(template, line)?))).collect()
    }

    /// The one line that fits, with its place.
    #[track_caller]
    pub fn one(&self, template: &str) -> (usize, Found) {
        match &self.all(template)[..] {
            [one] => one.clone(),
            all => self.fail(&format!(
                "{} lines are {template:?}, not one",
                all.len()
            )),
        }
    }

    /// `earlier` and `later` are there once each, in this order.
    #[track_caller]
    pub fn before(&self, earlier: &str, later: &str) {
        if self.one(earlier).0 >= self.one(later).0 {
            self.fail(&format!("{earlier:?} is not before {later:?}"));
        }
    }

    /// What each speaker says, in its own order. The template has the holes
    /// `{speaker}` and `{what}`.
    pub fn by_speaker(&self, template: &str) -> BTreeMap<String, Vec<String>> {
        let mut speakers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (_, found) in self.all(template) {
            let speaker = found.text("speaker").to_string();
            let what = found.text("what").to_string();
            speakers.entry(speaker).or_default().push(what);
        }
        speakers
    }

    /// How many had begun and not ended, at the most. The templates
    /// have the hole `{speaker}`.
    #[track_caller]
    pub fn most_in_flight(&self, begin: &str, end: &str) -> usize {
        let mut inside: Vec<String> = Vec::new();
        let mut most = 0;
        for line in &self.lines {
            if let Some(found) = fit(begin, line) {
                inside.push(found.text("speaker").into());
                most = most.max(inside.len());
            } else if let Some(found) = fit(end, line) {
                let speaker = found.text("speaker");
                match inside.iter().position(|one| one == speaker) {
                    Some(at) => drop(inside.remove(at)),
                    None => {
                        self.fail(&format!("{speaker} ends, but never began"))
                    }
                }
            }
        }
        most
    }

    /// Fails with everything that was printed.
    #[track_caller]
    pub fn fail(&self, why: &str) -> ! {
        let lines = self.lines.join("\n");
        let errors = self.errors.join("\n");
        panic!("{why}; it printed:\n{lines}\n{errors}");
    }
}

/// Gives each template a line of its own, so that all holes agree.
fn assign(lines: &[&str], templates: &[&str], found: &Found) -> Option<Found> {
    let Some((template, templates)) = templates.split_first() else {
        return Some(found.clone());
    };
    lines.iter().enumerate().find_map(|(i, line)| {
        let found = found.join(&fit(template, line)?)?;
        let mut others = lines.to_vec();
        others.remove(i);
        assign(&others, templates, &found)
    })
}
