//! Every anchor in a lesson or in a library is around an item of its name,
//! and on a page.

use super::Faults;
use super::sources::{Sources, regex};

/// A page shows little of a program at a time. A twin may have one anchor for
/// each part, as it is one file.
const MAX_ANCHORS: [(&str, &str, usize); 3] =
    [("lessons", "rs", 4), ("lessons", "py", 6), ("shared", "rs", 4)];

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    for (folder, ending, most) in MAX_ANCHORS {
        for file in sources.files(folder, ending) {
            let path = &file.path;
            let anchors = all_marks(&file.text, "ANCHOR");
            if anchors.len() > most {
                let wrong = format!("{} anchors", anchors.len());
                faults.push(format!("{path}: {wrong}; leave {most}"));
            }
            for (line, anchor) in anchors {
                let is_shown = sources.includes.iter().any(|it| {
                    it.file == *path && it.anchor.as_ref() == Some(&anchor)
                });
                if !is_shown {
                    let wrong = format!("{anchor} is on no page");
                    let remedy = "include it, or remove it";
                    faults.push(format!("{path}:{line}: {wrong}; {remedy}"));
                }
                let ends = marks(&file.text, "ANCHOR_END", &anchor);
                let end = ends.first().copied().unwrap_or(line);
                if !has_item(&between(&file.text, line, end), &anchor) {
                    let wrong = format!("no item {anchor} in its anchor");
                    let remedy = "name it after an item in it";
                    faults.push(format!("{path}:{line}: {wrong}; {remedy}"));
                }
            }
        }
    }
    faults
}

/// The lines of one anchor.
pub fn marks(text: &str, kind: &str, anchor: &str) -> Vec<usize> {
    let marks = all_marks(text, kind).into_iter();
    marks.filter(|(_, name)| name == anchor).map(|(line, _)| line).collect()
}

/// The lines between two lines.
pub fn between(text: &str, start: usize, end: usize) -> String {
    let lines = text.lines().skip(start).take(end.saturating_sub(start + 1));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The anchors of one kind in a text, each with its line.
fn all_marks(text: &str, kind: &str) -> Vec<(usize, String)> {
    let mark = regex(&format!(r"\b{kind}:\s*([\w-]+)"));
    let name = |line: &str| Some(mark.captures(line)?[1].to_string());
    let lines = (1..).zip(text.lines());
    lines.filter_map(|(n, line)| Some((n, name(line)?))).collect()
}

/// Whether something in Rust or Python has this name.
fn has_item(text: &str, name: &str) -> bool {
    let kinds = "fn|struct|enum|trait|const|static|type|def|class";
    regex(&format!(r"\b({kinds}) (r#)?{name}\b")).is_match(text)
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn an_anchor_around_something_else_or_on_no_page_is_reported() {
        let many = "// ANCHOR: a\n".repeat(4) + "fn main";
        let breaks = [
            (MAIN, "fn fork() {}", "fn spoon() {}", "main.rs:2: no item fork"),
            (TWIN, "def fork", "def spoon", "no item fork"),
            (PAGE, "main.rs:fork", "main.rs:main", "fork is on no page"),
            (MAIN, "fn main", many.as_str(), "main.rs: 5 anchors; leave 4"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
