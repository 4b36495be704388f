//! Measures what the page "How fast?" shows, all of it in one go, and keeps it
//! in `book/measured`:
//!
//! - `figures.txt`: what the benchmarks have measured, a figure a line;
//! - `starts.txt`: how soon each lesson is there, how many crates it needs,
//!   and how large it is;
//! - `rows.txt`, `*.md`: the same as tables, made of those two alone.
//!
//! A benchmark hands over its figures with `harness::bench::keep`. To add one,
//! name its package in `BENCHES`.

mod choosing;
mod starts;
pub mod tables;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use clap::ValueEnum;
use harness::bench::here;
use mdbook_driver::errors::{Error, Result};

use crate::process::run_with;

/// Half of what there is to measure.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Half {
    /// What the lessons do, next to CPython
    Rows,
    /// How soon each lesson starts
    Starts,
}

/// The packages with a benchmark. Those of `harness` come first, as some of
/// them want a quiet machine most.
const BENCHES: [&str; 5] = [
    "harness",
    "lesson04_pool",
    "lesson06_process_queue",
    "lesson13_producer_consumer",
    "lesson14_distributed",
];

/// Measures all of it, or one half. When it is to be quick, it only prints
/// what it would have kept.
pub fn measure(root: &Path, quick: bool, half: Option<Half>) -> Result<()> {
    let folder = root.join("book/measured");
    let scratch = tempfile::tempdir()?;
    let target = if quick { scratch.path() } else { folder.as_path() };
    for (file, of) in
        [("figures.txt", Half::Rows), ("starts.txt", Half::Starts)]
    {
        if half.is_none_or(|half| half == of) {
            let head = format!("{}\n{}\n", here(), processor());
            let text = match of {
                Half::Rows => format!("\n{}", rows(root, quick)?),
                Half::Starts => {
                    tables::STARTS.to_string() + &starts::starts(root, quick)?
                }
            };
            fs::write(target.join(file), head + &text)?;
        } else if quick {
            fs::copy(folder.join(file), target.join(file))?;
        }
    }
    write_tables(target)?;
    for file in ["rows.txt", "starts.txt"] {
        print!("{}\n\n", fs::read_to_string(target.join(file))?.trim_end());
    }
    Ok(())
}

/// Makes the tables of a folder from what was measured.
pub fn write_tables(folder: &Path) -> Result<()> {
    for (file, text) in tables::render(folder).map_err(Error::msg)? {
        fs::write(folder.join(file), text)?;
    }
    Ok(())
}

/// Runs every benchmark, and returns their figures, a line each.
fn rows(root: &Path, quick: bool) -> Result<String> {
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("rows");
    let mut variables = vec![("BENCH_ROWS", file.as_os_str())];
    if quick {
        variables.push(("BENCH_QUICK", OsStr::new("yes")));
    }
    // Quick to build, too: the tests have built nearly all of it.
    let profile = if quick { "dev" } else { "bench" };
    for package in BENCHES {
        eprintln!("measures the benchmark of {package}");
        let bench = ["cargo", "bench", "--quiet", "--profile", profile];
        let words = [&bench[..], &["-p", package, "--benches"]].concat();
        let (status, said) = run_with(root, &words, &variables)?;
        if !status.success() {
            return Err(Error::msg(format!("{package}: {status}:\n{said}")));
        }
    }
    let rows = fs::read_to_string(&file)?;
    Ok(rows + &choosing::figures(root, quick)?)
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = about.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(": "));
    name.map_or("processor unknown".into(), |(_, name)| name.trim().into())
}
