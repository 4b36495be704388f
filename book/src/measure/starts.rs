//! How soon a lesson is there: built from nothing, built before, by itself,
//! its twin, and its page. How many crates it needs, and how large it is.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use harness::bench::{Measured, MeasuredSide, Series, Side, python_command};
use mdbook_driver::errors::{Error, Result};

use super::page;
use super::progress::Progress;
use crate::build::build;
use crate::files::{entries, stem};

/// How often each is measured; a cold start less often.
const TRIES: usize = 7;
const COLD_TRIES: usize = 3;

/// The only lesson of a quick run.
const ONE: &str = "lesson08_lock";

/// The rows of all lessons.
pub fn starts(root: &Path, quick: bool) -> Result<Vec<Measured>> {
    let fetched = Command::new("cargo").arg("fetch").current_dir(root).status();
    if !fetched?.success() {
        return Err(Error::msg("cargo fetch failed"));
    }
    let mut lessons: Vec<_> = entries(&root.join("lessons"))?
        .iter()
        .map(|lesson| stem(lesson).to_string())
        .filter(|lesson| lesson.starts_with("lesson"))
        .collect();
    lessons.sort();
    lessons.retain(|lesson| !quick || lesson == ONE);
    let folder = tempfile::tempdir()?;
    let book = build(root, Some(folder.path().into()))?;
    let mut progress = Progress::new(&lessons, None);
    let mut rows = Vec::new();
    for lesson in &lessons {
        progress.begin(lesson);
        rows.extend(rows_of(root, &book, lesson, quick)?);
    }
    Ok(rows)
}

fn rows_of(
    root: &Path,
    book: &Path,
    lesson: &str,
    quick: bool,
) -> Result<Vec<Measured>> {
    let tries = if quick { 1 } else { TRIES };
    let cold_tries = if quick { 1 } else { COLD_TRIES };
    let mut cold = Vec::new();
    let mut built = cold_start(root, lesson, &mut cold)?;
    for _ in 1..cold_tries {
        built = cold_start(root, lesson, &mut cold)?;
    }
    let again = |command: &dyn Fn() -> Command, unit: f64| {
        let times = (0..tries).map(|_| Ok(first_output(&mut command())?.0));
        let times = times.collect::<Result<Vec<_>>>()?;
        Ok::<_, Error>(times.iter().map(|t| t * unit).collect::<Vec<_>>())
    };
    let warm = again(&|| cargo_run(root, lesson, built.target.path()), 1.0)?;
    let program = built.program("debug", lesson);
    let listing = || {
        let mut command = Command::new(&program);
        command.arg("--list");
        command
    };
    let alone = again(&listing, 1000.0)?;
    let twin = root.join(format!("lessons/{lesson}/{lesson}.py"));
    let twin = || {
        let mut command = Command::new(python_command());
        // It has no such part, and lists those that it has.
        command.arg(&twin).arg("--list");
        command
    };
    let twin = again(&twin, 1000.0)?;
    let mut page = Vec::new();
    let mut empty_page = Vec::new();
    for _ in 0..cold_tries {
        page.extend(page::seconds_to_load(&page::address(book, lesson))?);
        empty_page.extend(page::seconds_to_load("about:blank")?);
    }
    let debug = megabytes(&program)?;
    let mut release = cargo(root, "build", built.target.path());
    release.args(["--quiet", "--release", "-p", lesson]);
    if !release.status()?.success() {
        return Err(Error::msg(format!("{lesson} is not built")));
    }
    let release = megabytes(&built.program("release", lesson))?;
    let row = |id: &str, what: &str, unit: &str, sides: Vec<MeasuredSide>| {
        let lesson = lesson.into();
        let id = id.into();
        let what = what.into();
        let unit = unit.into();
        let why = String::new();
        Measured { lesson, id, what, unit, why, sides, seconds: 0.0 }
    };
    let ours = |samples| side(Side::Ours, lesson, samples);
    let theirs = side(Side::CPython, "its twin", twin);
    let crates = vec![built.crates as f64];
    let mut rows = vec![
        row("crates", "compiled crates", "crates", vec![ours(crates)]),
        row("cold", "cold start", "seconds", vec![ours(cold)]),
        row("warm", "warm start", "seconds", vec![ours(warm)]),
        row("alone", "alone", "milliseconds", vec![theirs, ours(alone)]),
        row("debug", "size, debug", "MB", vec![ours(vec![debug])]),
        row("release", "size, release", "MB", vec![ours(vec![release])]),
    ];
    if !page.is_empty() {
        let limit = side(Side::Limit, "an empty page", empty_page);
        rows.push(row("page", "its page", "seconds", vec![ours(page), limit]));
    }
    Ok(rows)
}

fn side(side: Side, name: &str, samples: Vec<f64>) -> MeasuredSide {
    MeasuredSide { side, name: name.into(), series: Series::new(samples) }
}

/// What a cold start leaves.
struct Built {
    target: tempfile::TempDir,
    crates: usize,
}

impl Built {
    fn program(&self, profile: &str, lesson: &str) -> PathBuf {
        self.target.path().join(profile).join(lesson)
    }
}

/// `cargo run` in a new folder, where nothing is built yet.
fn cold_start(
    root: &Path,
    lesson: &str,
    times: &mut Vec<f64>,
) -> Result<Built> {
    let target = tempfile::tempdir()?;
    let (seconds, errors) =
        first_output(&mut cargo_run(root, lesson, target.path()))?;
    times.push(seconds);
    let is_compiling = |line: &&str| line.trim_start().starts_with("Compiling");
    let crates = errors.lines().filter(is_compiling).count();
    Ok(Built { target, crates })
}

fn cargo_run(root: &Path, lesson: &str, target: &Path) -> Command {
    let mut command = cargo(root, "run", target);
    command.args(["-p", lesson, "--", "--list"]);
    command
}

fn cargo(root: &Path, what: &str, target: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.arg(what).arg("--offline").current_dir(root);
    command.env("CARGO_TARGET_DIR", target);
    command
}

/// Seconds until a lesson's first byte of output, and its standard error until
/// then. A twin writes first to standard error.
fn first_output(command: &mut Command) -> Result<(f64, String)> {
    let is_python = command.get_program() == python_command();
    let start = Instant::now();
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut output = child.stdout.take().expect("it is a pipe");
    let mut errors = child.stderr.take().expect("it is a pipe");
    let errors = thread::spawn(move || {
        let mut bytes = vec![0; 1];
        let mut first = None;
        if errors.read_exact(&mut bytes).is_ok() {
            first = Some(start.elapsed());
            let _ = errors.read_to_end(&mut bytes);
        }
        (first, String::from_utf8_lossy(&bytes).into_owned())
    });
    let mut bytes = vec![0; 1];
    let mut first = None;
    if output.read_exact(&mut bytes).is_ok() {
        first = Some(start.elapsed());
        output.read_to_end(&mut bytes)?;
    }
    let (on_errors, errors) = errors.join().expect("it reads");
    child.wait()?;
    let first = if is_python { on_errors } else { first };
    match first {
        Some(first) => Ok((first.as_secs_f64(), errors)),
        None => Err(Error::msg(format!("{command:?}: {errors}"))),
    }
}

fn megabytes(file: &Path) -> Result<f64> {
    Ok((fs::metadata(file)?.len() as f64 / 1e5).round() / 10.0)
}
