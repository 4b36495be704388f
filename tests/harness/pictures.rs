//! Compares the recorded timelines with a run of today.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, thread};

use shared::timeline::{Kind, Picture, from_tsv};

use crate::checks::RECORD;
use crate::{Program, root, shape};

/// On a busy machine short spans are inexact, and longer naps help. One run
/// that agrees is enough.
const SLOWER: [f64; 6] = [1.0, 1.0, 2.0, 2.0, 4.0, 8.0];

/// Pictures with a lane for each core, recorded on a machine with four.
const OF_FOUR_CORES: [&str; 1] = ["lesson07_threads/cores.tsv"];

/// Compares all pictures of a lesson with its parts, as [`assert_picture`] does.
/// Those that show the cores of a machine are compared only on four cores.
///
/// # Panics
///
/// When one differs, or when there is none.
#[track_caller]
pub fn assert_pictures(program: &Program) {
    let folder = root().join("book/pictures").join(&program.name);
    let files = fs::read_dir(&folder).into_iter().flatten().flatten();
    let files = files.map(|file| file.path());
    let tables = files.filter(|f| f.extension().is_some_and(|e| e == "tsv"));
    let mut tables = tables.peekable();
    assert!(tables.peek().is_some(), "no spans in {}", folder.display());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for table in tables {
        let is_of_four = OF_FOUR_CORES.iter().any(|it| table.ends_with(it));
        if !is_of_four || cores == 4 {
            assert_picture(program, &table);
        }
    }
}

/// Runs the part that the table of spans is named after, and compares with
/// [`differences`]; again and more slowly, as long as there are any.
///
/// # Panics
///
/// When no run agrees.
#[track_caller]
pub fn assert_picture(program: &Program, table: &Path) {
    let part = table.file_stem().expect("it has a name").to_string_lossy();
    let recorded = read(table);
    let mut differ = Vec::new();
    for slower in SLOWER {
        let program = program.clone().pace(program.pace * slower);
        differ = differences(&recorded, &picture(&program, &part));
        if differ.is_empty() {
            return;
        }
    }
    panic!("stale: {}\n{}\n{RECORD}", table.display(), differ.join("\n"));
}

/// The picture of a part that is run now.
///
/// # Panics
///
/// When the part fails.
#[track_caller]
pub fn picture(program: &Program, part: &str) -> Picture {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let table = folder.path().join("spans.tsv");
    let option = format!("--timeline={}", table.display());
    let run = program.clone().args(&[part, &option]).run();
    if run.code != Some(0) {
        run.fail(&format!("{part} ended with {:?}", run.code));
    }
    read(&table)
}

fn read(table: &Path) -> Picture {
    let text = fs::read_to_string(table).expect("the table can be read");
    let pictures = from_tsv(&text);
    let mut pictures =
        pictures.unwrap_or_else(|e| panic!("{}: {e}", table.display()));
    assert_eq!(pictures.len(), 1, "{}: one picture", table.display());
    pictures.remove(0)
}

/// The differences that matter between two pictures of a part: in the names of
/// the lanes, in what is done in them, and in what overlaps what. Names and
/// labels count without their numbers, and lanes of one name as one: which of
/// several comes first, or gets which task, is unspecified.
///
/// Two activities overlap when two of their spans do, by half of the shorter
/// one. Those too short to be seen are not compared.
///
/// ```
/// use harness::differences;
/// use shared::timeline::from_tsv;
///
/// let picture = |second: &str| {
///     let table = "picture\tlane\tname\tkind\tlabel\tstart\tend\n";
///     let first = "race\t1\tThread-1\twork\truns\t0\t1\n";
///     let second = format!("race\t2\tThread-2\twork\truns\t{second}\n");
///     from_tsv(&format!("{table}{first}{second}")).unwrap().remove(0)
/// };
/// let recorded = picture("0.1\t1.2");
/// assert!(differences(&recorded, &picture("0.3\t0.9")).is_empty());
/// let lost = &differences(&recorded, &picture("1.0\t2.0"))[0];
/// let runs = "\"Thread# works: runs\"";
/// assert_eq!(*lost, format!("no longer overlap: {runs} and {runs}"));
/// ```
pub fn differences(recorded: &Picture, now: &Picture) -> Vec<String> {
    let mut found = Vec::new();
    let then = lanes(recorded);
    let today = lanes(now);
    if then != today {
        found.push(format!("the lanes were {then:?}, and are {today:?}"));
    }
    let then = doings(recorded);
    let today = doings(now);
    let lost = then.difference(&today);
    found.extend(lost.map(|doing| format!("no longer seen: {doing:?}")));
    let new = today.difference(&then);
    found.extend(new.map(|doing| format!("not recorded: {doing:?}")));
    let today = overlaps(now);
    for (pair, then) in overlaps(recorded) {
        let today = today.get(&pair).copied().unwrap_or_default();
        let Pair { a, b, .. } = pair;
        if then > 0.5 && today < 0.25 {
            found.push(format!("no longer overlap: {a:?} and {b:?}"));
        } else if then < 0.1 && today > 0.5 {
            found.push(format!("did not overlap: {a:?} and {b:?}"));
        }
    }
    found
}

/// The names of the lanes, as often as they are there.
fn lanes(picture: &Picture) -> Vec<String> {
    let lanes = picture.lanes.iter();
    let mut names: Vec<_> = lanes.map(|lane| shape(&lane.name)).collect();
    names.sort();
    names
}

/// An activity: its name and its spans.
struct Done {
    lane: usize,
    what: String,
    start: f64,
    end: f64,
}

impl Done {
    fn seconds(&self) -> f64 {
        self.end - self.start
    }
}

fn all_done(picture: &Picture) -> Vec<Done> {
    let lanes = picture.lanes.iter().enumerate();
    let done = lanes.flat_map(|(at, lane)| {
        lane.intervals.iter().map(move |interval| {
            let does = match interval.kind {
                Kind::Work => "works",
                Kind::Wait => "waits",
            };
            let what =
                shape(&format!("{} {does}: {}", lane.name, interval.label));
            Done { lane: at, what, start: interval.start, end: interval.end }
        })
    });
    done.collect()
}

fn doings(picture: &Picture) -> BTreeSet<String> {
    all_done(picture).into_iter().map(|done| done.what).collect()
}

/// Two activities, in one lane or in two.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    a: String,
    b: String,
    is_one_lane: bool,
}

/// How much of a span lies within one span of the other activity, at the most.
fn overlaps(picture: &Picture) -> BTreeMap<Pair, f64> {
    let mut done = all_done(picture);
    let begin = done.iter().map(|it| it.start).fold(f64::MAX, f64::min);
    let end = done.iter().map(|it| it.end).fold(f64::MIN, f64::max);
    done.retain(|it| it.seconds() >= (end - begin) / 50.0);
    let mut overlaps = BTreeMap::new();
    for (at, one) in done.iter().enumerate() {
        for other in &done[..at] {
            let both = one.end.min(other.end) - one.start.max(other.start);
            let shorter = one.seconds().min(other.seconds());
            let mut whats = [one.what.clone(), other.what.clone()];
            whats.sort();
            let [a, b] = whats;
            let is_one_lane = one.lane == other.lane;
            let most = overlaps.entry(Pair { a, b, is_one_lane }).or_default();
            *most = f64::max(*most, both / shorter);
        }
    }
    overlaps
}
