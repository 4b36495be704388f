//! Where the files of an exercise are.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::Result;

/// One exercise, by its name: `lesson08_lock`.
pub struct Exercise(String);

impl Exercise {
    /// The reader's file.
    pub fn answer(&self) -> PathBuf {
        folder("src").join(self.file())
    }

    /// The same file before the reader changed it.
    pub fn unsolved(&self) -> PathBuf {
        folder("unsolved").join(self.file())
    }

    /// What helps without giving the answer away.
    pub fn hint(&self) -> io::Result<String> {
        fs::read_to_string(folder("hints").join(format!("{self}.md")))
    }

    /// The names of the wrong answers, in order.
    pub fn wrong(&self) -> io::Result<Vec<String>> {
        stems(&folder("wrong").join(&self.0))
    }

    /// Whether the reader has changed the file.
    pub fn is_started(&self) -> bool {
        fs::read(self.answer()).ok() != fs::read(self.unsolved()).ok()
    }

    /// The error of the compiler, if the exercise is to make a program compile.
    pub fn refused_for(&self) -> Option<String> {
        let text = fs::read_to_string(self.unsolved()).ok()?;
        let start = text.find("error[E")?;
        Some(text[start..].split_inclusive(']').next()?.into())
    }

    fn file(&self) -> String {
        format!("{self}.rs")
    }
}

impl Display for Exercise {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The exercises whose names begin with `name`: one or more.
pub fn find(name: &str) -> Result<Vec<Exercise>> {
    let mut found = all()?;
    found.retain(|exercise| exercise.0.starts_with(name));
    match found.is_empty() {
        true => {
            Err(format!("no exercise {name}: cargo run -p exercises").into())
        }
        false => Ok(found),
    }
}

/// All exercises, in order.
pub fn all() -> io::Result<Vec<Exercise>> {
    Ok(stems(&folder("unsolved"))?.into_iter().map(Exercise).collect())
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names of the files in a folder.
fn stems(folder: &Path) -> io::Result<Vec<String>> {
    let mut stems = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if let Some(stem) = path.file_stem() {
            stems.push(stem.to_string_lossy().into_owned());
        }
    }
    stems.sort();
    Ok(stems)
}
