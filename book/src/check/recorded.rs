//! Every recording is on a page, has the file that it belongs to, begins with
//! its command, and shows no path of the machine that it was made on.

use std::path::Path;

use super::Faults;
use super::sources::{Sources, slashed};

/// How a recording is made again.
pub const RECORD: &str = "cargo run -p book -- record";

const PROGRAMS: &str = "tests/rejected/src/bin";

/// Folders, endings, and whether a page includes such files.
const KINDS: [(&str, &str, bool); 12] = [
    ("book/transcripts", "txt", true),
    ("book/pictures", "svg", true),
    ("book/pictures", "tsv", false),
    ("book/schedules", "html", true),
    ("book/schedules", "json", false),
    ("book/drawings", "svg", true),
    ("book/charts", "svg", true),
    ("book/measured", "md", true),
    ("book/measured", "txt", false),
    ("book/rejected", "txt", true),
    ("book/corrections", "py", false),
    ("book/corrections", "txt", false),
];

/// For a file of one kind there is a file of another.
const PAIRS: [[&str; 4]; 9] = [
    ["book/pictures", "svg", "book/pictures", "tsv"],
    ["book/pictures", "tsv", "book/pictures", "svg"],
    ["book/schedules", "html", "book/schedules", "json"],
    ["book/schedules", "json", "book/schedules", "html"],
    ["book/charts", "svg", "book/charts", "txt"],
    ["book/rejected", "txt", PROGRAMS, "rs"],
    [PROGRAMS, "rs", "book/rejected", "txt"],
    ["book/corrections", "py", "book/corrections", "txt"],
    ["book/corrections", "txt", "book/corrections", "py"],
];

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    let root = sources.root.display().to_string();
    let machine = ["/home/", "/root/", "/Users/", "/rustc/", &root];
    for (folder, ending, is_for_a_page) in KINDS {
        for file in sources.files(folder, ending) {
            let mut shown = sources.includes.iter();
            if is_for_a_page && !shown.any(|it| it.file == file.path) {
                let remedy = "include it, or remove it";
                faults.push(format!("{}: on no page; {remedy}", file.path));
            }
            for (n, line) in file.lines() {
                for path in machine.iter().filter(|it| line.contains(**it)) {
                    let place = format!("{}:{n}", file.path);
                    faults.push(format!("{place}: the path {path}; remove it"));
                }
            }
        }
    }
    for [folder, ending, other_folder, other_ending] in PAIRS {
        for file in sources.files(folder, ending) {
            let other = file.path.replacen(folder, other_folder, 1);
            let other = Path::new(&other).with_extension(other_ending);
            let path = &file.path;
            let other = slashed(&other);
            if !sources.has(&other) && !file.text.starts_with("// accepted") {
                let remedy = format!("{RECORD} {}; or remove it", file.stem());
                faults.push(format!("{path}: no {other}; {remedy}"));
            }
        }
    }
    for (folder, command) in [
        ("book/rejected", "cargo check --bin"),
        ("book/corrections", "cargo run -p book -- corrections"),
    ] {
        for file in sources.files(folder, "txt") {
            let path = &file.path;
            let name = file.stem();
            if file.first_line() != format!("$ {command} {name}") {
                let wrong = "does not begin with its command";
                faults.push(format!("{path}:1: {wrong}; {RECORD} {name}"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_recording_that_is_on_no_page_is_reported() {
        let rows = "measured/rows.md";
        let breaks = [
            (PAGE, "transcripts/less", "x", "fork.txt: on no page; include"),
            (PAGE, "pictures/less", "x", "fork.svg: on no page"),
            (PAGE, "charts/", "x", "starts.svg: on no page"),
            (PAGE, "rejected/uns", "x", "unsafe_fork.txt: on no page"),
            ("book/en/how_fast.md", rows, "x", "rows.md: on no page"),
        ];
        assert_reported(super::faults, &breaks);
    }

    #[test]
    fn a_recording_without_its_file_or_command_is_reported() {
        let home = "in /home/me/project";
        let breaks = [
            (PICTURE, GONE, "", "fork.tsv: no book/pictures/lesson00_fork/fo"),
            (SPANS, GONE, "", "fork.svg: no book/pictures/lesson00_fork/fork"),
            (CHART, GONE, "", "starts.svg: no book/charts/starts.txt"),
            (REFUSED, GONE, "", "fork.txt: no tests/rejected/src/bin/unsafe"),
            (MESSAGE, GONE, "", "fork.rs: no book/rejected/unsafe_fork.txt"),
            (SCRIPT, GONE, "", "01_x.txt: no book/corrections/01_x.py"),
            (SHOWN, GONE, "", "01_x.py: no book/corrections/01_x.txt"),
            (MESSAGE, "--bin", "--example", "txt:1: does not begin with its"),
            (SHOWN, "ons 01_x", "ons", "01_x.txt:1: does not begin with its"),
            (TRANSCRIPT, "I am", home, "fork.txt:2: the path /home/; remove"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
