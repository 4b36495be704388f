//! # The book: built, checked, and its recordings made again
//!
//! Builds the pages under `book/en` to HTML. `check` finds what is missing or
//! out of date on them; `record` runs the lessons and the compiler again, and
//! keeps their output for the pages to include; `chart` draws bars from the
//! tables in it; `measure` fills the page "How fast?", and `corrections` runs
//! the scripts of one page on each CPython found.
//!
//! Run: `cargo run -p book -- --help`

mod build;
pub mod chart;
pub mod check;
pub mod command_line;
#[cfg_attr(not(unix), expect(unused_imports, reason = "Unix alone runs it"))]
mod corrections;
mod files;
mod measure;
mod paths;
mod process;
mod record;
mod schedule;

use harness::root;
use mdbook_driver::errors::Result;

use command_line::Command;

/// Does what the command line asks for.
///
/// # Errors
///
/// When a step fails; what the steps before it wrote stays.
pub fn execute(command: Command) -> Result<()> {
    let root = root();
    let book = root.join("book");
    match command {
        Command::Build { dest, open } => {
            let index = build::build(&root, dest)?.join("index.html");
            println!("The book: {}", index.display());
            if open {
                opener::open_browser(index)?;
            }
        }
        Command::Check { names } => check::check(&root, &names)?,
        Command::Draw => record::draw(&root)?,
        Command::Record { names, picture } => {
            match picture.as_deref() {
                Some([lesson, part]) => record::picture(&root, lesson, part)?,
                _ => record::record(&root, &names)?,
            }
            // The tables that they name may just have been recorded.
            chart::draw_all(&book)?;
        }
        Command::Chart => {
            measure::write_tables(&book.join("measured"))?;
            chart::draw_all(&book)?;
        }
        Command::Measure { quick, part } => {
            measure::measure(&root, quick, part)?;
            chart::draw_all(&book)?;
        }
        Command::Corrections { names } => corrections::show(&root, &names)?,
    }
    Ok(())
}
