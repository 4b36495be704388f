//! Recordings without the paths of the machine that they were made on.

use std::path::Path;

/// `text` with the paths under `root` relative to it, and those of Rust's and
/// Python's own sources shortened.
pub fn relative(text: &str, root: &Path) -> String {
    let root = root.display().to_string();
    let text = text.replace(&format!("{root}/"), "").replace(&root, ".");
    text.split_inclusive('\n').map(without_its_places).collect()
}

/// The same line without the folders above `library/std/src/…` (Rust) and
/// above `lib/python3.N/…` (Python).
fn without_its_places(line: &str) -> String {
    let line = cut_above(line, "/lib/rustlib/src/rust/library/", "library/");
    let line = match line.split_once("/rustc/") {
        Some((before, after)) if !before.ends_with(|c| c != ' ') => {
            let after = after.split_once('/').map_or(after, |(_, rest)| rest);
            format!("{before}{after}")
        }
        _ => line,
    };
    cut_above(&line, "/lib/python3.", "/usr/lib/python3.")
}

/// In an absolute path, replaces what is above `folder` with `instead`.
fn cut_above(line: &str, folder: &str, instead: &str) -> String {
    let Some((above, below)) = line.split_once(folder) else {
        return line.into();
    };
    let begin = above.rfind([' ', '"', '(']).map_or(0, |at| at + 1);
    if above.len() > begin && !above[begin..].starts_with('/') {
        return line.into();
    }
    format!("{}{instead}{below}", &above[..begin])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_project_begins_at_its_root() {
        let relative = |text| relative(text, Path::new("/home/me/it"));
        let line = "in /home/me/it/lessons/a.rs, from /home/me/it\n";
        assert_eq!(relative(line), "in lessons/a.rs, from .\n");
    }

    #[test]
    fn a_path_of_rust_or_python_begins_at_their_sources() {
        let relative = |text| relative(text, Path::new("/it"));
        for line in [
            "  --> /rustc/59807616/library/std/a.rs:1\n",
            "  --> /x/lib/rustlib/src/rust/library/std/a.rs:1\n",
        ] {
            assert_eq!(relative(line), "  --> library/std/a.rs:1\n");
        }
        let line = "  File \"/x/y/lib/python3.13/queue.py\", line 1\n";
        let short = "  File \"/usr/lib/python3.13/queue.py\", line 1\n";
        assert_eq!(relative(line), short);
        assert_eq!(relative(short), short);
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let text = "a /rustc b\n\nlib/python3.13 and 1/2\n";
        assert_eq!(relative(text, Path::new("/it")), text);
    }
}
