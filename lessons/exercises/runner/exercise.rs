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

    /// `lesson08`.
    fn lesson(&self) -> &str {
        self.0.split('_').next().unwrap_or_default()
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

/// The exercise of this name, or those of this lesson: one or more, the second
/// one of a lesson last.
pub fn find(name: &str) -> Result<Vec<Exercise>> {
    let mut found = all()?;
    found.retain(|it| it.0 == name || it.lesson() == name);
    match found.is_empty() {
        true => {
            Err(format!("no exercise {name}: cargo run -p exercises").into())
        }
        false => Ok(found),
    }
}

/// All exercises, in order.
pub fn all() -> io::Result<Vec<Exercise>> {
    let names = stems(&folder("unsolved"))?.into_iter();
    let mut exercises: Vec<_> = names.map(Exercise).collect();
    let is_second = |it: &Exercise| it.refused_for().is_some();
    exercises.sort_by_key(|it| (it.lesson().to_string(), is_second(it)));
    Ok(exercises)
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
