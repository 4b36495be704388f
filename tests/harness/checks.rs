//! Checks the twin and the transcripts as the lesson itself is checked.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex_lite::Regex;

use crate::{Program, Run, root};

/// The name of a part, and the check of every run of it.
pub type PartCheck = (&'static str, fn(&Run));

/// Runs each part of the twin and checks it.
///
/// # Panics
///
/// When the check of a part fails.
pub fn assert_twin(twin: &Program, parts: &[PartCheck]) {
    for (part, check) in parts {
        check(&twin.part(part));
    }
}

/// Checks the recorded transcripts of the lesson, of its twin as well: each is
/// a legal output of its part, and has the same lines as a run of today, but
/// for numbers. Those of the twin are only checked when `program` is the twin,
/// those of the lesson when it is the lesson.
///
/// # Panics
///
/// When a transcript differs, or when there is none.
#[track_caller]
pub fn assert_transcripts(program: &Program, parts: &[PartCheck]) {
    assert_transcripts_in(&root().join("book/transcripts"), program, parts);
}

/// The same for transcripts that are kept in another folder.
///
/// # Panics
///
/// When a transcript differs, or when there is none.
#[track_caller]
pub fn assert_transcripts_in(
    transcripts: &Path,
    program: &Program,
    parts: &[PartCheck],
) {
    let folder = transcripts.join(&program.name);
    let files = fs::read_dir(&folder).expect("every lesson has transcripts");
    let mut checked = 0;
    for file in files.flatten() {
        let text = fs::read_to_string(file.path()).expect("a text");
        let (command, output) = text.split_once('\n').expect("two lines");
        let Some(part) = part_of(command, program) else {
            continue;
        };
        let check = parts.iter().find(|(name, _)| *name == part);
        let (_, check) = check.unwrap_or_else(|| panic!("no part: {command}"));
        let recorded = Run::from_text(output);
        check(&recorded);
        assert_shape(command, &recorded, &program.part(part));
        checked += 1;
    }
    assert!(
        checked > 0,
        "no transcript of {program:?} in {}",
        folder.display()
    );
}

/// The part that `command` runs, if it runs `program`. Schedules are checked
/// with their graph.
fn part_of<'a>(command: &'a str, program: &Program) -> Option<&'a str> {
    let Program { name, package, .. } = program;
    let prefix = match program.is_twin() {
        true => format!(" lessons/{package}/{name}.py "),
        false if name == package => format!("$ cargo run -p {name} -- "),
        false => format!("$ cargo run -p {package} --example {name} -- "),
    };
    let part = match program.is_twin() {
        true => command.strip_prefix("$ python3")?.split_once(&prefix)?.1,
        false => command.strip_prefix(&prefix)?,
    };
    (!part.contains(" --schedule ")).then_some(part)
}

/// What to do about a stale recording.
pub(crate) const RECORD: &str = "if the new output is right, record it: \
                                 cargo run -p book -- record LESSON";

/// # Panics
///
/// When one of the two has a line that the other does not have, numbers aside.
#[track_caller]
fn assert_shape(command: &str, recorded: &Run, fresh: &Run) {
    let shapes = |run: &Run| -> BTreeSet<String> {
        run.lines.iter().map(|line| shape(line)).collect()
    };
    let recorded = shapes(recorded);
    let fresh = shapes(fresh);
    let differ: Vec<_> = recorded.symmetric_difference(&fresh).collect();
    assert!(
        differ.is_empty(),
        "stale: {command}\ndiffers in {differ:#?}\n{RECORD}"
    );
}

/// A line without what differs from run to run: pids, times, addresses and
/// every other number become `#`, any space one blank. So does a date, whose
/// day and month have names, and a row of `#` and `.`, which shows when
/// a thread ran.
///
/// ```
/// use harness::shape;
///
/// let line = "I (876)  took 0.31 s, lost -8, at 0x7ffd1c";
/// assert_eq!(shape(line), "I (#) took # s, lost #, at #");
/// for date in ["Sat Nov 21 09:20:52 2026", "Sun May  2 23:59:59 2027"] {
///     assert_eq!(shape(&format!("Ended at: {date}")), "Ended at: #");
/// }
/// ```
pub fn shape(line: &str) -> String {
    let name = "[A-Z][a-z]{2}";
    let date = format!(r"{name} {name} [ \d]\d \d\d:\d\d:\d\d \d{{4}}");
    let number = r"0x[0-9a-f]+|-?\d+(\.\d+)*t?"; // 3.14.7t, too.
    let changes = Regex::new(&format!(r"{date}|{number}|[#.]{{20,}}"));
    let line = changes.expect("a pattern").replace_all(line, "#");
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The number that a word of a line is.
///
/// # Panics
///
/// When it is none.
#[track_caller]
pub fn number(word: &str) -> f64 {
    word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
}

/// A median that lies within its spread, `(low-high)`, and took some time.
///
/// # Panics
///
/// When it does not.
///
/// ```
/// harness::assert_spread("0.20", "(0.10-0.30)");
/// ```
#[track_caller]
pub fn assert_spread(median: &str, spread: &str) {
    let spread = spread.trim_matches(['(', ')']);
    let (low, high) = spread.split_once('-').expect("low and high");
    let low = number(low);
    let median = number(median);
    let high = number(high);
    assert!(low <= median && median <= high, "{low} {median} {high}");
    assert!(high > 0.0, "it takes some time");
}
