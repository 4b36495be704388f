//! Measures what the page "How fast?" shows, in one run, and records it in
//! `book/measured`:
//!
//! - `samples.jsonl`: what the benchmarks have measured, every sample of it;
//! - `starts.jsonl`: how soon each lesson starts, how many crates it compiles,
//!   and how large it is;
//! - `*.md` and `LESSON.txt`: the same as tables, rendered from these two.
//!
//! A lesson's benchmark is `tests/benches/LESSON`; see `harness::bench`.

mod choosing;
mod progress;
pub mod samples;
mod starts;
pub mod tables;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use clap::ValueEnum;
use harness::bench::here;
use mdbook_driver::errors::{Error, Result};

use crate::process::run_with;
use progress::Progress;
use samples::Samples;

/// Half of what there is to measure.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Half {
    /// What the lessons do, next to CPython
    Rows,
    /// How soon each lesson starts
    Starts,
}

/// Measures all of it, or one half. A quick run only prints the samples. A file
/// is replaced when all of it is measured: an interrupted run changes nothing.
pub fn measure(root: &Path, quick: bool, half: Option<Half>) -> Result<()> {
    let folder = root.join("book/measured");
    let scratch = tempfile::tempdir()?;
    let target = if quick { scratch.path() } else { folder.as_path() };
    for (file, of) in
        [("samples.jsonl", Half::Rows), ("starts.jsonl", Half::Starts)]
    {
        if half.is_none_or(|half| half == of) {
            let machine = format!("{}, {}", here(), processor());
            let old = Samples::read(&folder.join(file)).ok();
            let rows = match of {
                Half::Rows => rows(root, quick, old)?,
                Half::Starts => starts::starts(root, quick)?,
            };
            let new = scratch.path().join("new");
            fs::write(&new, Samples { machine, rows }.text())?;
            fs::copy(new, target.join(file))?;
        } else if quick {
            fs::copy(folder.join(file), target.join(file))?;
        }
    }
    write_tables(target)?;
    for (_, text) in tables::render(target).map_err(Error::msg)? {
        println!("{text}");
    }
    Ok(())
}

/// Renders the tables of a folder from its samples.
pub fn write_tables(folder: &Path) -> Result<()> {
    for (file, text) in tables::render(folder).map_err(Error::msg)? {
        fs::write(folder.join(file), text)?;
    }
    Ok(())
}

/// The lessons that have a benchmark, in order.
fn benches(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("tests/benches");
    let mut lessons = crate::files::entries(&root.join("lessons"))?;
    lessons.retain(|lesson| {
        let bench = folder.join(crate::files::stem(lesson));
        bench.is_dir() || bench.with_extension("rs").is_file()
    });
    lessons.sort();
    Ok(lessons.iter().map(|it| crate::files::stem(it).into()).collect())
}

/// Runs every benchmark.
fn rows(
    root: &Path,
    quick: bool,
    old: Option<Samples>,
) -> Result<Vec<harness::bench::Measured>> {
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("rows");
    let mut variables = vec![("BENCH_SAMPLES", file.as_os_str())];
    if quick {
        variables.push(("BENCH_QUICK", OsStr::new("yes")));
    }
    // Quick to build, too: the tests have built nearly all of it.
    let profile = if quick { "dev" } else { "bench" };
    let lessons = benches(root)?;
    let mut progress = Progress::new(&lessons, old.as_ref());
    for lesson in &lessons {
        progress.begin(lesson);
        let bench = ["cargo", "bench", "--quiet", "--profile", profile];
        let words = [&bench[..], &["-p", lesson, "--bench", lesson]].concat();
        let (status, output) = run_with(root, &words, &variables)?;
        if !status.success() {
            return Err(Error::msg(format!("{lesson}: {status}:\n{output}")));
        }
    }
    let lines = fs::read_to_string(&file)?;
    let rows = lines.lines().map(samples::row);
    let mut rows = rows.collect::<Result<Vec<_>, _>>().map_err(Error::msg)?;
    rows.extend(choosing::rows(root, quick)?);
    Ok(rows)
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = about.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(": "));
    name.map_or("processor unknown".into(), |(_, name)| name.trim().into())
}
