//! Every include names a file and a pair of anchors in it, and the code that
//! it brings is no wider than a page.

use std::collections::BTreeSet;

use super::Faults;
use super::anchors::{between, marks};
use super::sources::{Include, Sources};

const WIDTH: usize = 80;

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    for include in &sources.includes {
        if let Some((wrong, remedy)) = wrong(sources, include) {
            let Include { page, line, .. } = include;
            faults.push(format!("{page}:{line}: {wrong}; {remedy}"));
        }
    }
    let files = sources.includes.iter().map(|include| &include.file);
    let is_code = |file: &&String| {
        let kinds = [".rs", ".py"];
        kinds.iter().any(|ending| file.ends_with(ending))
            || file.starts_with("book/corrections/")
    };
    for file in files.filter(is_code).collect::<BTreeSet<_>>() {
        for (n, line) in (1..).zip(sources.text(file).lines()) {
            let width = line.chars().count();
            if width > WIDTH {
                let wrong = format!("{width} columns");
                faults.push(format!("{file}:{n}: {wrong}; leave {WIDTH}"));
            }
        }
    }
    faults
}

/// What is wrong with an include, and what to do about it.
fn wrong(sources: &Sources, include: &Include) -> Option<(String, String)> {
    let fault = |wrong: &str, remedy: &str| {
        let place = format!("in {}", include.file);
        Some((format!("{wrong} {place}"), remedy.to_string()))
    };
    if !sources.has(&include.file) {
        return Some((
            format!("no file {}", include.file),
            "correct it".into(),
        ));
    }
    let text = sources.text(&include.file);
    let Some(anchor) = &include.anchor else {
        let is_marked = text.contains("ANCHOR:");
        return fault("all anchors", "name one").filter(|_| is_marked);
    };
    if anchor.starts_with(|c: char| c.is_ascii_digit() || c == ':') {
        return fault("line numbers", "name an anchor: lines move");
    }
    let starts = marks(&text, "ANCHOR", anchor);
    let ends = marks(&text, "ANCHOR_END", anchor);
    match (&starts[..], &ends[..]) {
        ([], []) => {
            fault(&format!("no anchor {anchor}"), "add it there, or correct it")
        }
        ([start], [end]) if start < end => {
            let is_empty = between(&text, *start, *end).trim().is_empty();
            let wrong = format!("nothing between {anchor}");
            fault(&wrong, "put it around an item").filter(|_| is_empty)
        }
        (starts, ends) => {
            let starts = starts.len();
            let ends = ends.len();
            let marks = format!("{starts} ANCHOR, {ends} ANCHOR_END {anchor}");
            fault(&marks, "leave one ANCHOR, and one ANCHOR_END below it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_broken_include_is_reported() {
        let pair = "// ANCHOR: fork\nfn fork() {}\n// ANCHOR_END: fork";
        let swapped = "// ANCHOR_END: fork\nfn fork() {}\n// ANCHOR: fork";
        let wide = "1".repeat(81);
        let wide = wide.as_str();
        let breaks = [
            (PAGE, "main.rs:fork", "main.rs:spoon", "no anchor spoon in les"),
            (PAGE, "src/main.rs:fork", "x.rs:fork", "md:3: no file lessons"),
            (PAGE, "main.rs:fork", "main.rs:5", "line numbers in lessons"),
            (PAGE, "main.rs:fork", "main.rs", "all anchors in lessons"),
            (MAIN, "// ANCHOR_END: fork", "", "1 ANCHOR, 0 ANCHOR_END fork"),
            (MAIN, "fn main", "// ANCHOR: fork\nfn main", "2 ANCHOR, 1 ANC"),
            (MAIN, pair, swapped, "1 ANCHOR, 1 ANCHOR_END fork in lessons"),
            (MAIN, "fn fork() {}", "", "nothing between fork in lessons"),
            (MAIN, "fn fork() {}", wide, "main.rs:3: 81 columns"),
            (SCRIPT, "print(1)", wide, "01_x.py:2: 81 columns"),
            (SHOWN, "  1", wide, "01_x.txt:3: 81 columns"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
