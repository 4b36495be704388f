//! Every page is in the summary, and every lesson has its chapter, its test,
//! its twin, and a row in the README.

use super::Faults;
use super::sources::Sources;

const SUMMARY: &str = "book/en/SUMMARY.md";

/// The page for what is missing has no place in the book.
const APART: [&str; 2] = [SUMMARY, "book/en/404.md"];

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    let summary = sources.text(SUMMARY);
    for page in sources.pages.iter().map(|page| &page.path) {
        let link = page.replace("book/en/", "](") + ")";
        if !summary.contains(&link) && !APART.contains(&&**page) {
            faults.push(format!("{page}: not in {SUMMARY}; add it there"));
        }
    }
    let readme = sources.text("README.md");
    for lesson in &sources.lessons {
        let chapter = format!("book/en/{lesson}.md");
        let folder = format!("tests/{lesson}/main.rs");
        let file = format!("tests/{lesson}.rs");
        let test = if sources.has(&folder) { folder } else { file };
        let twin = format!("lessons/{lesson}/{lesson}.py");
        for file in [&chapter, &test, &twin] {
            if !sources.has(file) {
                faults.push(format!("lessons/{lesson}: no {file}; write it"));
            }
        }
        let link = format!("(lessons/{lesson}/src/main.rs)");
        let rows = readme.lines().filter(|line| line.starts_with('|'));
        if !rows.into_iter().any(|row| row.contains(&link)) {
            let wrong = format!("no row that links {lesson}");
            faults.push(format!("README.md: {wrong}; add it to the table"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_lost_page_or_file_of_a_lesson_is_reported() {
        let entry = "- [Fork](lesson00_fork.md)";
        let breaks = [
            (super::SUMMARY, entry, "", "lesson00_fork.md: not in book/en/SU"),
            (PAGE, GONE, "", "lessons/lesson00_fork: no book/en/lesson00"),
            (TWIN, GONE, "", "lessons/lesson00_fork: no lessons/lesson00"),
            ("tests/lesson00_fork.rs", GONE, "", "fork: no tests/lesson00"),
            ("README.md", "(lessons/lesson00", "(lesson00", "no row that li"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
