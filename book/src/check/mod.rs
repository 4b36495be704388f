//! Checks the book, the README and what they include: each file is there
//! and in use, and agrees with what it was recorded from.
//!
//! A fault is one line: the place, what is wrong, and what to do about it.

mod anchors;
mod built;
mod charts;
mod includes;
mod indexes;
mod links;
mod measured;
mod messages;
mod names;
mod pages;
mod pictures;
#[cfg(test)]
mod project;
mod recorded;
mod schedules;
mod sources;
mod transcripts;

use std::path::Path;

use mdbook_driver::errors::{Error, Result};

use sources::Sources;

type Faults = Vec<String>;

const CHECKS: [fn(&Sources) -> Faults; 14] = [
    pages::faults,
    includes::faults,
    anchors::faults,
    links::faults,
    recorded::faults,
    transcripts::faults,
    pictures::faults,
    schedules::faults,
    charts::faults,
    measured::faults,
    messages::faults,
    indexes::faults,
    names::faults,
    built::faults,
];

/// What is wrong in the project below `root`, a line each.
pub fn faults(root: &Path) -> Vec<String> {
    faults_of(&Sources::read(root))
}

fn faults_of(sources: &Sources) -> Faults {
    CHECKS.iter().flat_map(|check| check(sources)).collect()
}

/// Prints the faults that name one of `names`, or all of them when there are
/// none.
///
/// # Errors
///
/// When there is a fault, and when nothing in the project has such a name.
pub fn check(root: &Path, names: &[String]) -> Result<()> {
    let sources = Sources::read(root);
    let mut faults = faults_of(&sources);
    for name in names {
        let is_in = |text: &String| text.contains(name);
        if !sources.paths().any(is_in) && !faults.iter().any(is_in) {
            return Err(Error::msg(format!("nothing to check for {name}")));
        }
    }
    faults.retain(|fault| {
        names.is_empty() || names.iter().any(|name| fault.contains(name))
    });
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        return Err(Error::msg(format!("faults: {}", faults.len())));
    }
    let lessons = sources.lessons.len();
    let pages = sources.pages.len();
    let includes = sources.includes.len();
    println!(
        "no fault in {lessons} lessons, {pages} pages, {includes} includes"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::project::{PAGE, replace, sound};

    #[test]
    fn a_sound_project_has_no_faults() {
        assert_eq!(super::faults(sound().path()), [""; 0]);
    }

    #[test]
    fn names_limit_the_faults() {
        let project = sound();
        replace(&project, PAGE, "main.rs:fork", "main.rs:spoon");
        let check = |name: &str| super::check(project.path(), &[name.into()]);
        let error = |name| check(name).unwrap_err().to_string();
        assert_eq!(error("lesson00"), "faults: 2");
        assert_eq!(error("spoon"), "faults: 1");
        assert_eq!(error("lesson99"), "nothing to check for lesson99");
        check("how_fast").unwrap();
    }
}
