//! What the checks read.

use std::fs;
use std::path::{Component, Path, PathBuf};

use regex_lite::Regex;

use crate::files::{entries, has_ending, stem};

/// Folders of what was built.
const BUILT: [&str; 3] = ["target", "fuzz", "__pycache__"];

/// The project's lessons, its pages, and what these include.
pub struct Sources {
    pub root: PathBuf,
    pub lessons: Vec<String>,
    pub pages: Vec<File>,
    pub includes: Vec<Include>,
}

/// A text; its path begins at the root of the project.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Where a page includes a file, or the part of it between two anchors.
pub struct Include {
    pub page: String,
    pub line: usize,
    pub file: String,
    pub anchor: Option<String>,
}

impl Sources {
    pub fn read(root: &Path) -> Self {
        let lessons = entries(&root.join("lessons")).unwrap_or_default();
        let lessons = lessons.iter().filter(|path| path.is_dir());
        let lessons = lessons.map(|folder| stem(folder).to_string());
        let lessons = lessons.filter(|name| name.starts_with("lesson"));
        let lessons = lessons.collect();
        let pages = files(root, "book/en", "md");
        let includes = pages.iter().flat_map(includes).collect();
        Self { root: root.into(), lessons, pages, includes }
    }

    /// The files with this ending in a folder and in those below it, in order.
    pub fn files(&self, folder: &str, ending: &str) -> Vec<File> {
        files(&self.root, folder, ending)
    }

    /// The text of a file; of one that is missing, none.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_default()
    }

    pub fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// What the project has: lessons, pages, and files on them.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        let pages = self.pages.iter().map(|page| &page.path);
        let files = self.includes.iter().map(|include| &include.file);
        self.lessons.iter().chain(pages).chain(files)
    }
}

impl File {
    /// The lines, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    pub fn stem(&self) -> &str {
        stem(Path::new(&self.path))
    }

    /// The lesson that `book/transcripts/LESSON/ANY.txt` belongs to.
    pub fn lesson(&self) -> &str {
        self.path.split('/').nth(2).unwrap_or_default()
    }

    /// The lines that are not code, without the code in them.
    pub fn prose(&self) -> Vec<(usize, String)> {
        let code = regex(r"`[^`]*`");
        let mut in_block = false;
        let prose = self.lines().filter(|(_, line)| {
            let is_fence = line.trim_start().starts_with("```");
            in_block ^= is_fence;
            !in_block && !is_fence
        });
        prose.map(|(n, line)| (n, code.replace_all(line, "").into())).collect()
    }
}

/// The path without its `..`, whether or not it leads anywhere.
pub fn resolved(path: &Path) -> String {
    let mut resolved = PathBuf::new();
    for step in path.components() {
        match step {
            Component::ParentDir => drop(resolved.pop()),
            Component::CurDir => {}
            step => resolved.push(step),
        }
    }
    slashed(&resolved)
}

pub fn files(root: &Path, folder: &str, ending: &str) -> Vec<File> {
    let mut files = Vec::new();
    for path in entries(&root.join(folder)).unwrap_or_default() {
        let below = slashed(path.strip_prefix(root).expect("it lies there"));
        if path.is_dir() && !BUILT.iter().any(|name| path.ends_with(name)) {
            files.extend(self::files(root, &below, ending));
        } else if path.is_file() && has_ending(&path, ending) {
            let text = fs::read_to_string(&path).unwrap_or_default();
            files.push(File { path: below, text });
        }
    }
    files
}

pub fn slashed(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

pub fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is right")
}

fn includes(page: &File) -> Vec<Include> {
    let include =
        regex(r"\{\{\s*#(?:rustdoc_)?include\s+([^\s:}]+)(?::([^\s}]+))?");
    let folder = Path::new(&page.path).parent().expect("it has a folder");
    let mut includes = Vec::new();
    for (line, text) in page.lines() {
        includes.extend(include.captures_iter(text).map(|found| Include {
            page: page.path.clone(),
            line,
            file: resolved(&folder.join(&found[1])),
            anchor: found.get(2).map(|anchor| anchor.as_str().into()),
        }));
    }
    includes
}
