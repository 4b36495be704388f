//! The CPythons of this machine.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// `$PYTHON`, or `python3`.
pub fn python_command() -> OsString {
    env::var_os("PYTHON").unwrap_or("python3".into())
}

/// Every CPython from 3.8 up that is here: those of pyenv, and `python3`. The
/// variable `PYTHONS` names others instead, separated as in `PATH`.
///
/// # Panics
///
/// When there is none.
pub fn pythons() -> Vec<PathBuf> {
    let home = env::var_os("HOME").unwrap_or_default();
    let versions = Path::new(&home).join(".pyenv/versions");
    let versions = fs::read_dir(versions).into_iter().flatten().flatten();
    let versions = versions.map(|version| version.path().join("bin/python"));
    let found_here = versions.chain([python_command().into()]);
    let all = match env::var_os("PYTHONS") {
        Some(named) => env::split_paths(&named).collect(),
        None => found_here.collect::<Vec<_>>(),
    };
    let asks = "import os, sys; assert sys.version_info >= (3, 8); \
                print(os.path.realpath(sys.executable))";
    let found = all.into_iter().filter_map(|python| {
        let mut command = Command::new(python);
        let output = command.args(["-c", asks]).output().ok()?;
        let path = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| PathBuf::from(path.trim_end()))
    });
    let found: BTreeSet<_> = found.collect();
    assert!(!found.is_empty(), "no CPython from 3.8 up is here");
    found.into_iter().collect()
}
