//! Files and folders.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::errors::Result;

/// What lies in a folder, in order; nothing when there is none, nor in a file.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut entries = entries.collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

/// Whether a file's name ends so, after its last dot.
pub fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension() == Some(OsStr::new(ending))
}

/// A file's name without its ending.
pub fn stem(file: &Path) -> &str {
    let stem = file.file_stem().and_then(OsStr::to_str);
    stem.expect("the names are plain letters")
}
