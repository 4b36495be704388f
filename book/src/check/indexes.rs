//! The two pages that are an index name every script and every program, and
//! each row of their tables leads to a chapter.

use super::Faults;
use super::sources::Sources;

const CORRECTIONS: &str = "book/en/corrections.md";
const REJECTED: &str = "book/en/rejected.md";

/// A page, and the folder and ending of the files that it names.
const INDEXES: [(&str, &str, &str); 2] = [
    (CORRECTIONS, "book/corrections", "py"),
    (REJECTED, "tests/rejected/src/bin", "rs"),
];

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    for (page, folder, ending) in INDEXES {
        let text = sources.text(page);
        for file in sources.files(folder, ending) {
            if !text.contains(file.stem()) {
                let remedy = "add it there";
                faults.push(format!("{}: not on {page}; {remedy}", file.path));
            }
        }
        for (n, line) in (1..).zip(text.lines()) {
            let is_row = line.starts_with("| ") && line.contains('`');
            if is_row && !line.contains(".md") {
                let wrong = "a row that leads to no chapter";
                faults.push(format!("{page}:{n}: {wrong}; link one"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::project::*;
    use super::{CORRECTIONS, REJECTED};

    #[test]
    fn a_script_or_program_that_no_index_names_is_reported() {
        let breaks = [
            (CORRECTIONS, GONE, "", "01_x.py: not on book/en/corrections"),
            (REJECTED, "unsafe_fork", "x", "fork.rs: not on book/en/reject"),
            (CORRECTIONS, "lesson00_fork.md", "x", "a row that leads to no"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
