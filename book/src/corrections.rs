//! The scripts behind the page of corrections, run on each CPython found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, panic, thread};

#[cfg(unix)]
use harness::Program;
use harness::Run;
use mdbook_driver::errors::{Error, Result};

use crate::files::{entries, has_ending, stem};

/// Runs those whose path contains one of `names`, or all of them, and prints
/// what each of them shows.
pub fn show(root: &Path, names: &[String]) -> Result<()> {
    let mut asked = scripts(root)?;
    for name in names {
        if !asked.iter().any(|script| stem(script).contains(name)) {
            return Err(Error::msg(format!("no correction {name}")));
        }
    }
    asked.retain(|script| {
        names.is_empty() || names.iter().any(|n| stem(script).contains(n))
    });
    let mut failed = 0;
    for script in &asked {
        if asked.len() > 1 {
            println!("{}", stem(script));
        }
        match run(root, script) {
            Ok(table) => print!("{table}"),
            Err(error) => {
                failed += 1;
                eprintln!("book: {}: {error:#}", stem(script));
            }
        }
    }
    match failed {
        0 => Ok(()),
        n => Err(Error::msg(format!("{n} no longer show what they say"))),
    }
}

/// The scripts, in the order of their numbers.
pub fn scripts(root: &Path) -> Result<Vec<PathBuf>> {
    let mut scripts = entries(&root.join("book/corrections"))?;
    scripts.retain(|script| has_ending(script, "py"));
    Ok(scripts)
}

/// What one script prints on each CPython: versions that print the same share
/// a row.
///
/// # Errors
///
/// When it fails on one of them, and on another system than Linux: much of
/// what the scripts ask is answered only there.
pub fn run(root: &Path, script: &Path) -> Result<String> {
    if !cfg!(target_os = "linux") {
        return Err(Error::msg("this needs Linux"));
    }
    let measures = fs::read_to_string(script)?.contains("perf_counter");
    let script = script.strip_prefix(root)?.display().to_string();
    let mut rows: Vec<(Vec<Version>, Vec<String>)> = Vec::new();
    for (version, run) in runs(&script, measures) {
        let name = name(&version);
        let fault = |what: &str| Error::msg(format!("on {name}: {what}"));
        let run = run.map_err(|_| fault("it cannot be run to its end"))?;
        if run.code != Some(0) || run.lines.is_empty() {
            let output = run.lines.join("\n");
            return Err(fault(&format!(
                "it ends with {:?}\n{output}",
                run.code
            )));
        }
        match rows.last_mut() {
            Some((same, lines)) if *lines == run.lines => same.push(version),
            _ => rows.push((vec![version], run.lines)),
        }
    }
    Ok(rows.iter().map(|(versions, lines)| row(versions, lines)).collect())
}

/// Whether it is free-threaded, and `N` of its `3.N`. Those with a GIL are
/// first.
type Version = (bool, u32);

/// `3.14`, or `3.14t`.
fn name((is_free, minor): &Version) -> String {
    format!("3.{minor}{}", if *is_free { "t" } else { "" })
}

/// Never: `run` has returned an error before.
#[cfg(not(unix))]
fn runs(_: &str, _: bool) -> Vec<(Version, thread::Result<Run>)> {
    Vec::new()
}

/// Runs a script on each CPython, all at once, or one after the other when it
/// measures something. An error is a panic, which has been reported.
#[cfg(unix)]
fn runs(script: &str, measures: bool) -> Vec<(Version, thread::Result<Run>)> {
    let run = |python: &PathBuf| {
        let program = Program::python(python, script).deadline(DEADLINE);
        panic::catch_unwind(|| program.run())
    };
    let (versions, pythons): (Vec<_>, Vec<_>) = versions().into_iter().unzip();
    let runs: Vec<_> = if measures {
        pythons.iter().map(run).collect()
    } else {
        thread::scope(|s| {
            let start = |python| s.spawn(move || run(python));
            let threads: Vec<_> = pythons.iter().map(start).collect();
            threads.into_iter().map(|t| t.join().and_then(|r| r)).collect()
        })
    };
    versions.into_iter().zip(runs).collect()
}

/// Six of them at once, on a machine that has other work to do.
#[cfg(unix)]
const DEADLINE: Duration = Duration::from_secs(300);

/// One CPython of each version, the oldest first, and where it is.
#[cfg(unix)]
fn versions() -> BTreeMap<Version, PathBuf> {
    let asks = "import sys, sysconfig; print(sys.version_info[1], \
                sysconfig.get_config_var('Py_GIL_DISABLED'))";
    let version = |python: PathBuf| {
        let run = Command::new(&python).args(["-c", asks]).output();
        let output = String::from_utf8(run.ok()?.stdout).ok()?;
        let (minor, free) = output.trim().split_once(' ')?;
        Some(((free == "1", minor.parse().ok()?), python))
    };
    harness::pythons().into_iter().filter_map(version).collect()
}

/// The versions, and below them the lines that they print.
fn row(versions: &[Version], lines: &[String]) -> String {
    let free = versions.partition_point(|(is_free, _)| !is_free);
    let (with_gil, free) = versions.split_at(free);
    let mut names: Vec<_> = match with_gil {
        [first, _, .., last] => {
            vec![format!("{} to {}", name(first), name(last))]
        }
        few => few.iter().map(name).collect(),
    };
    names.extend(free.iter().map(name));
    let mut row = format!("{}:\n", names.join(", "));
    for line in lines {
        row += &format!("  {line}\n");
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_its_versions_once() {
        let lines = ["one", "two"].map(String::from);
        let shown = "3.8 to 3.13:\n  one\n  two\n";
        let [a, b, c, free] = [(false, 8), (false, 9), (false, 13), (true, 14)];
        assert_eq!(row(&[a, b, c], &lines), shown);
        let shown = "3.8 to 3.13, 3.14t:\n  one\n";
        assert_eq!(row(&[a, b, c, free], &lines[..1]), shown);
        assert_eq!(row(&[a, b], &lines[..1]), "3.8, 3.9:\n  one\n");
        assert_eq!(row(&[free], &lines[1..]), "3.14t:\n  two\n");
    }
}
