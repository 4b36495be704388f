//! The built book is whole: its includes are resolved, no code block is empty,
//! and every link leads to a file and to a heading in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Faults;
use super::links::is_elsewhere;
use super::sources::{Sources, files, regex, resolved};
use crate::build::{build_pages, not_included};

pub fn faults(sources: &Sources) -> Faults {
    let folder = tempfile::tempdir().expect("a temporary folder");
    match build_pages(&sources.root, folder.path()) {
        Ok(()) => faults_of_html(folder.path()),
        Err(error) => {
            let wrong = format!("{error:#}").replace('\n', " ");
            vec![format!("book: it does not build: {wrong}; correct that")]
        }
    }
}

fn faults_of_html(folder: &Path) -> Faults {
    let mut faults = Vec::new();
    let pages = files(folder, "", "html");
    let ids = |text| values(text, "id").collect::<BTreeSet<_>>();
    let ids = pages.iter().map(|page| (&*page.path, ids(&page.text)));
    let ids: BTreeMap<_, _> = ids.collect();
    let empty = regex(r"<code[^>]*>\s*</code>");
    if !ids.contains_key("print.html") {
        faults.push("built: no print.html; see book/book.toml".into());
    }
    for page in &pages {
        let path = &page.path;
        if let Some(include) = not_included(&page.text) {
            let wrong = format!("not included: {include}");
            faults.push(format!("built {path}: {wrong}; correct its path"));
        }
        if empty.is_match(&page.text) {
            let wrong = "an empty code block";
            faults.push(format!("built {path}: {wrong}; see its anchor"));
        }
        // Where the site is; the links of its page begin there.
        let html = page.text.replace("<base href=\"/\">", "");
        let links = values(&html, "href").chain(values(&html, "src"));
        for link in links.filter(|link| !is_elsewhere(link)) {
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let file = match Path::new(path).parent() {
                Some(up) if !file.is_empty() => resolved(&up.join(file)),
                _ => path.clone(),
            };
            let has_id = || ids.get(&*file).is_some_and(|it| it.contains(id));
            if !folder.join(&file).is_file() {
                faults.push(format!("built {path}: no {file}; correct it"));
            } else if !id.is_empty() && !has_id() {
                let wrong = format!("no id {id} in {file}");
                faults.push(format!("built {path}: {wrong}; correct it"));
            }
        }
    }
    faults
}

/// The values of an attribute.
fn values<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let before = format!(" {name}=\"");
    let values = html.split(&before).skip(1);
    let values: Vec<_> = values.filter_map(|it| it.split_once('"')).collect();
    values.into_iter().map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_hole_in_the_built_book_is_reported() {
        let toml = "book/book.toml";
        let summary = "book/en/SUMMARY.md";
        let no_print = "[output.html.print]\nenable = false\n[build]";
        let breaks = [
            (PAGE, "fork.txt}}", "x.txt}}", "not included: {{#include ../tr"),
            (PAGE, "# Fork", "```rust\n```", "fork.html: an empty code"),
            (PAGE, "# Fork", "[x](gone.html)", "fork.html: no gone.html"),
            (
                PAGE,
                "# Fork",
                "<script src=\"x.js\"></script>",
                "fork.html: no x.js",
            ),
            (
                PAGE,
                "# Fork",
                "[x](how_fast.html#y)",
                "no id y in how_fast.html",
            ),
            (PAGE, "# Fork", "[x](#y)", "no id y in lesson00_fork.html"),
            (summary, "(lesson00_fork.md)", "(x.md)", "it does not build"),
            (toml, "[build]", no_print, "built: no print.html"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
