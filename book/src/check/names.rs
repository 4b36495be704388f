//! The table of names leads to every lesson, and the book's search, which
//! knows words by their beginning, finds each name with its module and
//! without.

use super::Faults;
use super::sources::{Sources, regex};

const PAGE: &str = "book/en/python_to_rust.md";

/// Words that the search leaves out.
const TOO_COMMON: [&str; 5] = ["get", "if", "in", "with", "a"];

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    let text = sources.text(PAGE);
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let rows: Vec<_> = rows.collect();
    for lesson in &sources.lessons {
        let link = regex(&format!(r"\({lesson}\.md[)#]"));
        if !rows.iter().any(|row| link.is_match(row)) {
            faults.push(format!("{PAGE}: no row leads to {lesson}; add one"));
        }
    }
    let text = text.to_lowercase();
    let is_found = |name: &str| {
        regex(&format!(r"(^|[\s-])[^\w\s-]*{}", name.replace('.', r"\.")))
            .is_match(&text)
    };
    let path = regex(r"`([A-Za-z_][A-Za-z0-9_.:]*)[^`]*`");
    for row in rows {
        let cells: Vec<_> = row.split(" | ").take(2).collect();
        let cells = cells.join(" ").to_lowercase();
        for name in path.captures_iter(&cells) {
            let short = name[1].rsplit(['.', ':']).next().unwrap_or_default();
            for name in [&name[1], short] {
                if !TOO_COMMON.contains(&name) && !is_found(name) {
                    let wrong = format!("a search for {name} finds nothing");
                    let remedy = "write it alone once on the page";
                    faults.push(format!("{PAGE}: {wrong}; {remedy}"));
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_name_that_is_not_found_is_reported() {
        let page = super::PAGE;
        let breaks = [
            (page, "(lesson00_fork.md#", "(x.md#", "leads to lesson00_fork"),
            (page, "| a `fork`", "| a copy", "a search for fork finds"),
            (page, "a `Pid`", "a number", "a search for pid finds nothing"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
