//! The tables of the page "How fast?" are rendered from the samples, every
//! lesson is in them, and the page has no figure of its own.

use super::Faults;
use super::sources::{Sources, regex};
use crate::measure::tables;

const PAGE: &str = "book/en/how_fast.md";
const MEASURE: &str = "cargo run --release -p book -- measure";

pub fn faults(sources: &Sources) -> Faults {
    let folder = "book/measured";
    let tables = match tables::render(&sources.root.join(folder)) {
        Ok(tables) => tables,
        Err(error) => return vec![format!("{folder}: {error}; {MEASURE}")],
    };
    let mut faults = Vec::new();
    for (file, right) in tables {
        if sources.text(&format!("{folder}/{file}")) != right {
            let wrong = "not rendered from the samples";
            let remedy = "make it again: cargo run -p book -- chart";
            faults.push(format!("{folder}/{file}: {wrong}; {remedy}"));
        }
    }
    for file in ["book/measured/samples.jsonl", "book/measured/starts.jsonl"] {
        let text = sources.text(file);
        for lesson in &sources.lessons {
            let is_of = |line: &str| line.contains(&format!("\"{lesson}\""));
            if !text.lines().any(is_of) {
                faults.push(format!("{file}: no row of {lesson}; {MEASURE}"));
            }
        }
    }
    let no_figure = regex(r"<[^>]*>|`[^`]*`|\]\([^)]*\)|Lesson \d+");
    let page = sources.pages.iter().filter(|page| page.path == PAGE);
    for (n, line) in page.flat_map(|page| page.prose()) {
        let left = no_figure.replace_all(&line, "");
        if left.contains(char::is_numeric) && !line.contains("{{#include") {
            let remedy = "include a table that was measured";
            faults.push(format!("{PAGE}:{n}: a figure of its own; {remedy}"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_table_of_other_figures_is_reported() {
        let file = "book/measured/samples.jsonl";
        let breaks = [
            (file, "390", "290", "rows.md: not rendered from the samples"),
            (file, "Ours", "Mine", "no side Mine"),
            (STARTS, "lesson00_fork", "lesson01_join", "no row of lesson00"),
            (super::PAGE, "Few", "12", "how_fast.md:3: a figure of its own"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
