//! Every link in the pages and the README leads to a file, and no page has an
//! image in Markdown, which mdBook would show twice.

use std::path::Path;

use super::Faults;
use super::sources::{Sources, files, regex};

pub fn faults(sources: &Sources) -> Faults {
    let link = regex(r#"(?:\]\(|src="|href=")<?([^)#">\s]+)"#);
    let mut faults = Vec::new();
    let mut readme = files(&sources.root, "", "md");
    readme.retain(|file| file.path == "README.md");
    for file in sources.pages.iter().chain(&readme) {
        let folder = Path::new(&file.path).parent().expect("it has a folder");
        let folder = sources.root.join(folder);
        for (n, line) in file.prose() {
            let place = format!("{}:{n}", file.path);
            for target in link.captures_iter(&line) {
                let target = &target[1];
                if !folder.join(target).exists() && !is_elsewhere(target) {
                    faults.push(format!("{place}: no {target}; correct it"));
                }
            }
            if line.contains("![") && file.path != "README.md" {
                let remedy = "include an SVG in a figure";
                faults.push(format!("{place}: an image; {remedy}"));
            }
        }
    }
    faults
}

/// Whether a link leads out of the project.
pub fn is_elsewhere(link: &str) -> bool {
    regex("^(//|[a-z][a-zA-Z0-9-]*:)").is_match(link)
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_link_to_nowhere_and_an_image_are_reported() {
        let summary = "book/en/SUMMARY.md";
        let link = "# Fork\n\nSee [join](lesson03_join.md#a).";
        let image = "# Fork\n\n![A picture](lesson00_fork.md)";
        let file = "<img src=\"gone.svg\">";
        let breaks = [
            (summary, "lesson00_fork", "lesson01", "MARY.md:1: no lesson01.md"),
            (PAGE, "# Fork", link, "fork.md:3: no lesson03_join.md"),
            (PAGE, "# Fork", image, "fork.md:3: an image"),
            ("README.md", "# Lessons", file, "README.md:1: no gone.svg"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
