//! How soon a lesson is there: built from nothing, built before, by itself,
//! and its twin. How many crates it needs, and how large it is.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use harness::bench::{Series, Table, python_command};
use mdbook_driver::errors::{Error, Result};

/// How often each is measured; a cold start less often.
const TRIES: usize = 7;
const COLD_TRIES: usize = 3;

/// The lesson that a quick run is content with.
const ONE: &str = "lesson08_lock";

/// The table of all lessons.
pub fn starts(root: &Path, quick: bool) -> Result<String> {
    let mut table = Table::new(&[
        "lesson",
        "crates",
        "cold, s",
        "warm, s",
        "alone, ms",
        "its twin, ms",
        "debug, MB",
        "release, MB",
    ]);
    let fetched = Command::new("cargo").arg("fetch").current_dir(root).status();
    if !fetched?.success() {
        return Err(Error::msg("cargo fetch failed"));
    }
    let mut lessons = fs::read_dir(root.join("lessons"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    lessons.sort();
    lessons.retain(|lesson| lesson.starts_with("lesson"));
    lessons.retain(|lesson| !quick || lesson == ONE);
    for lesson in &lessons {
        eprintln!("measures how soon {lesson} is there");
        table.row(&row(root, lesson, quick)?);
    }
    Ok(table.to_string())
}

fn row(root: &Path, lesson: &str, quick: bool) -> Result<[String; 8]> {
    let (tries, cold_tries) = if quick { (1, 1) } else { (TRIES, COLD_TRIES) };
    let mut cold = Vec::new();
    let mut built = cold_start(root, lesson, &mut cold)?;
    for _ in 1..cold_tries {
        built = cold_start(root, lesson, &mut cold)?;
    }
    let again = |command: &dyn Fn() -> Command, unit: f64| {
        let times = (0..tries).map(|_| Ok(first_output(&mut command())?.0));
        let times = times.collect::<Result<Vec<_>>>()?;
        Ok::<_, Error>(Series::new(times.iter().map(|t| t * unit).collect()))
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
        // It knows no such part, and lists those that it knows.
        command.arg(&twin).arg("--list");
        command
    };
    let twin = again(&twin, 1000.0)?;
    let debug = megabytes(&program)?;
    let mut release = cargo(root, "build", built.target.path());
    release.args(["--quiet", "--release", "-p", lesson]);
    if !release.status()?.success() {
        return Err(Error::msg(format!("{lesson} is not built")));
    }
    let release = megabytes(&built.program("release", lesson))?;
    Ok([
        lesson.into(),
        built.crates.to_string(),
        Series::new(cold).to_string(),
        warm.to_string(),
        alone.to_string(),
        twin.to_string(),
        debug,
        release,
    ])
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
    let (seconds, said) =
        first_output(&mut cargo_run(root, lesson, target.path()))?;
    times.push(seconds);
    let is_compiling = |line: &&str| line.trim_start().starts_with("Compiling");
    let crates = said.lines().filter(is_compiling).count();
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

/// Seconds until a lesson says something of its own, and what is said on
/// standard error meanwhile. A twin's first word is on standard error.
fn first_output(command: &mut Command) -> Result<(f64, String)> {
    let is_python = command.get_program() == python_command();
    let start = Instant::now();
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut output = child.stdout.take().expect("it is a pipe");
    let mut errors = child.stderr.take().expect("it is a pipe");
    let errors = thread::spawn(move || {
        let (mut said, mut first) = (vec![0; 1], None);
        if errors.read_exact(&mut said).is_ok() {
            first = Some(start.elapsed());
            let _ = errors.read_to_end(&mut said);
        }
        (first, String::from_utf8_lossy(&said).into_owned())
    });
    let mut said = vec![0; 1];
    let mut first = None;
    if output.read_exact(&mut said).is_ok() {
        first = Some(start.elapsed());
        output.read_to_end(&mut said)?;
    }
    let (on_errors, errors) = errors.join().expect("it reads");
    child.wait()?;
    let first = if is_python { on_errors } else { first };
    match first {
        Some(first) => Ok((first.as_secs_f64(), errors)),
        None => Err(Error::msg(format!("{command:?}: {errors}"))),
    }
}

fn megabytes(file: &Path) -> Result<String> {
    let bytes = fs::metadata(file)?.len();
    Ok(format!("{:.1}", bytes as f64 / 1e6))
}
