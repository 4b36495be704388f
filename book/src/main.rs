//! # The book: built, and its recordings made again
//!
//! Builds the pages under `book/en` to HTML. `record` runs the lessons and
//! the compiler again, and keeps what they say for the pages to include; `chart`
//! draws bars from the tables in it; `measure` fills the page "How fast?", and
//! `corrections` runs the scripts behind one page on each CPython found.
//!
//! Run: `cargo run -p book -- --help`

mod chart;
mod command_line;
#[cfg_attr(not(unix), expect(unused_imports, reason = "Unix alone runs it"))]
mod corrections;
mod measure;
mod paths;
mod record;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, path};

use mdbook_driver::MDBook;
use mdbook_driver::errors::{Error, Result};

use command_line::{Ask, HELP};

fn main() -> ExitCode {
    let ask = match command_line::parse(env::args_os().skip(1)) {
        Ok(ask) => ask,
        Err(error) => {
            eprintln!("book: {error} (see --help)");
            return ExitCode::from(2);
        }
    };
    match answer(ask) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("book: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn answer(ask: Ask) -> Result<()> {
    match ask {
        Ask::Help => print!("{HELP}"),
        Ask::Build { dest, open } => {
            let index = build(dest)?.join("index.html");
            println!("The book: {}", index.display());
            if open {
                opener::open_browser(index)?;
            }
        }
        Ask::Draw => record::draw(&root())?,
        Ask::Record(names) => {
            record::record(&root(), &names)?;
            // What they show may just have been recorded.
            draw_charts(&root().join("book"))?;
        }
        Ask::Chart => {
            measure::write_tables(&root().join("book/measured"))?;
            draw_charts(&root().join("book"))?;
        }
        Ask::Measure { quick, half } => {
            measure::measure(&root(), quick, half)?;
            draw_charts(&root().join("book"))?;
        }
        Ask::Picture { lesson, part } => {
            record::picture(&root(), &lesson, &part)?;
        }
        Ask::Corrections(names) => corrections::show(&root(), &names)?,
    }
    Ok(())
}

/// The workspace, wherever the command was given.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is a folder in it").into()
}

/// Draws what the declarations in `charts` ask for, where it has changed.
fn draw_charts(book: &Path) -> Result<()> {
    for (name, declaration) in chart::declarations(book)? {
        let svg = chart::draw(book, &name, &declaration)?;
        let file = book.join("charts").join(&name).with_extension("svg");
        if !fs::read_to_string(&file).is_ok_and(|old| old == svg) {
            fs::write(file, svg)?;
            println!("drew charts/{name}.svg");
        }
    }
    Ok(())
}

/// Builds the pages, and returns the folder that they are in.
fn build(dest: Option<PathBuf>) -> Result<PathBuf> {
    let dest = match dest {
        Some(dest) => path::absolute(dest)?,
        None => root().join("target/book"),
    };
    refuse_a_folder_of_other_files(&dest)?;
    let mut book = MDBook::load(root().join("book"))?;
    book.config.build.build_dir.clone_from(&dest);
    book.build()?;
    refuse_what_was_not_included(&dest)?;
    Ok(dest)
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

/// mdBook leaves an include that names no file as it is, and goes on.
fn refuse_what_was_not_included(dest: &Path) -> Result<()> {
    let pages = fs::read_to_string(dest.join("print.html"))?;
    let Some((_, rest)) = pages.split_once("{{#") else {
        return Ok(());
    };
    let include = rest.split("}}").next().unwrap_or(rest);
    Err(Error::msg(format!("there is no file for {{{{#{include}}}}}")))
}
