//! Measures what the page "How fast?" shows, in one run, and records it in
//! `book/measured`:
//!
//! - `samples.jsonl`: what the benchmarks have measured, every sample of it;
//! - `growth.jsonl`: the same with more workers and more tasks;
//! - `four_cores.jsonl`: an older `samples.jsonl`, of a machine with four
//!   cores, which is never measured again;
//! - `starts.jsonl`: how soon each lesson starts, how many crates it compiles,
//!   and how large it is;
//! - `*.md` and `LESSON.txt`: the same as tables, rendered from these.
//!
//! A lesson's benchmark is `tests/benches/LESSON`; see `harness::bench`.

mod choosing;
mod page;
mod progress;
pub mod samples;
mod starts;
pub mod tables;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process;
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use harness::bench::{Measured, here};
use mdbook_driver::errors::{Error, Result};

use crate::process::run_with;
use progress::Progress;
use samples::Samples;

/// A part of what there is to measure.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Part {
    /// What the lessons do, next to CPython
    Rows,
    /// What a task costs with more workers and more tasks
    Growth,
    /// How soon each lesson starts
    Starts,
}

/// What was measured on another machine.
const FOUR_CORES: &str = "four_cores.jsonl";

/// Measures all of it, or one part. A quick run only prints the samples. A file
/// is replaced when all of it is measured: an interrupted run changes nothing.
pub fn measure(root: &Path, quick: bool, part: Option<Part>) -> Result<()> {
    let folder = root.join("book/measured");
    let scratch = tempfile::tempdir()?;
    remove_on_interrupt(scratch.path())?;
    let target = if quick { scratch.path() } else { folder.as_path() };
    for (file, of) in [
        ("samples.jsonl", Part::Rows),
        ("growth.jsonl", Part::Growth),
        ("starts.jsonl", Part::Starts),
    ] {
        if part.is_none_or(|part| part == of) {
            let machine = format!("{}, {}", here(), processor());
            let old = Samples::read(&folder.join(file)).ok();
            let rows = match of {
                Part::Rows => rows(root, quick, old)?,
                Part::Growth => growth(root, quick, old)?,
                Part::Starts => starts::starts(root, quick)?,
            };
            let new = scratch.path().join("new");
            fs::write(&new, Samples { machine, rows }.text())?;
            fs::copy(new, target.join(file))?;
        } else if quick {
            fs::copy(folder.join(file), target.join(file))?;
        }
    }
    if quick {
        fs::copy(folder.join(FOUR_CORES), target.join(FOUR_CORES))?;
    }
    write_tables(target)?;
    if part.is_none_or(|part| part == Part::Rows) {
        name_rows_without_reason(&target.join("samples.jsonl"))?;
    }
    for (_, text) in tables::render(target).map_err(Error::msg)? {
        println!("{text}");
    }
    Ok(())
}

/// Every other temporary folder is inside this one, and Ctrl-C removes it.
fn remove_on_interrupt(folder: &Path) -> Result<()> {
    tempfile::env::override_temp_dir(folder)
        .map_err(|_| Error::msg("the temporary folder is set already"))?;
    let folder = folder.to_path_buf();
    Ok(ctrlc::set_handler(move || {
        // The commands that run were interrupted, too, and may still write.
        for _ in 0..50 {
            match fs::remove_dir_all(&folder) {
                Ok(()) => break,
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
        process::exit(130);
    })?)
}

/// Prints which rows are not ahead and do not say why.
fn name_rows_without_reason(file: &Path) -> Result<()> {
    let samples = Samples::read(file).map_err(Error::msg)?;
    let behind = tables::behind(&samples.rows);
    for row in behind.filter(|row| row.why.is_empty()) {
        eprintln!("{}/{}: not ahead, and no `why`", row.lesson, row.id);
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

/// Runs every benchmark of a lesson.
fn rows(
    root: &Path,
    quick: bool,
    old: Option<Samples>,
) -> Result<Vec<Measured>> {
    let lessons = benches(root)?;
    let command =
        |lesson: &str| ["-p", lesson, "--bench", lesson].map(String::from);
    let mut rows = run_benches(root, quick, old, &lessons, command)?;
    rows.extend(choosing::rows(root, quick)?);
    Ok(rows)
}

/// Runs the benchmark of growth, a system at a time.
fn growth(
    root: &Path,
    quick: bool,
    old: Option<Samples>,
) -> Result<Vec<Measured>> {
    let systems = ["pool", "queue", "farm"].map(String::from);
    let command = |system: &str| {
        ["-p", "harness", "--bench", "growth", "--", system].map(String::from)
    };
    run_benches(root, quick, old, &systems, command)
}

/// Runs `cargo bench` for each of these names, and returns the rows.
fn run_benches<const N: usize>(
    root: &Path,
    quick: bool,
    old: Option<Samples>,
    names: &[String],
    args: impl Fn(&str) -> [String; N],
) -> Result<Vec<Measured>> {
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("rows");
    let mut variables = vec![("BENCH_SAMPLES", file.as_os_str())];
    if quick {
        variables.push(("BENCH_QUICK", OsStr::new("yes")));
    }
    // Quick to build, too: the tests have built nearly all of it.
    let profile = if quick { "dev" } else { "bench" };
    let mut progress = Progress::new(names, old.as_ref());
    for name in names {
        progress.begin(name);
        let args = args(name);
        let bench = ["cargo", "bench", "--quiet", "--profile", profile];
        let args = args.iter().map(String::as_str);
        let words: Vec<_> = bench.into_iter().chain(args).collect();
        let (status, output) = run_with(root, &words, &variables)?;
        if !status.success() {
            return Err(Error::msg(format!("{name}: {status}:\n{output}")));
        }
    }
    let lines = fs::read_to_string(&file)?;
    let rows = lines.lines().map(samples::row);
    rows.collect::<Result<_, _>>().map_err(Error::msg)
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = about.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(": "));
    name.map_or("processor unknown".into(), |(_, name)| name.trim().into())
}
