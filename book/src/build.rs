//! Builds the pages.

use std::path::{Path, PathBuf};
use std::{fs, path};

use mdbook_driver::MDBook;
use mdbook_driver::errors::{Error, Result};

/// Builds the pages in `dest`, or in `target/book`, and returns that folder.
pub fn build(root: &Path, dest: Option<PathBuf>) -> Result<PathBuf> {
    let dest = match dest {
        Some(dest) => path::absolute(dest)?,
        None => root.join("target/book"),
    };
    refuse_a_folder_of_other_files(&dest)?;
    build_pages(root, &dest)?;
    refuse_what_was_not_included(&dest)?;
    Ok(dest)
}

/// Builds the pages, whatever they contain.
pub fn build_pages(root: &Path, dest: &Path) -> Result<()> {
    let mut book = MDBook::load(root.join("book"))?;
    book.config.build.build_dir = dest.into();
    book.build()
}

/// mdBook empties the folder that it builds in, whatever is there.
fn refuse_a_folder_of_other_files(dest: &Path) -> Result<()> {
    let is_new = !dest.exists() || fs::read_dir(dest)?.next().is_none();
    if is_new || dest.join("print.html").exists() {
        return Ok(());
    }
    let dest = dest.display();
    Err(Error::msg(format!("{dest} has other files than a book in it")))
}

/// An error for an include without a file, which mdBook only leaves unexpanded.
fn refuse_what_was_not_included(dest: &Path) -> Result<()> {
    let pages = fs::read_to_string(dest.join("print.html"))?;
    match not_included(&pages) {
        Some(include) => {
            Err(Error::msg(format!("there is no file for {include}")))
        }
        None => Ok(()),
    }
}

/// The first include that is still in a built page.
pub fn not_included(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("{{#")?;
    let include = rest.split("}}").next().unwrap_or(rest);
    Some(format!("{{{{#{include}}}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_other_files_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let is_refused =
            || refuse_a_folder_of_other_files(folder.path()).is_err();
        assert!(!is_refused(), "it is empty");
        fs::write(folder.path().join("index.html"), "").unwrap();
        assert!(is_refused(), "it has another file");
        fs::write(folder.path().join("print.html"), "").unwrap();
        assert!(!is_refused(), "it has a book");
    }
}
