//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::measure::Part;

/// Builds the book, checks it, and records what its pages show.
#[derive(Parser)]
#[command(
    bin_name = "cargo run -p book --",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Build the book in this folder instead of target/book
    #[arg(long, value_name = "DIR")]
    dest: Option<PathBuf>,
    /// Open the book in the browser
    #[arg(long)]
    open: bool,
}

/// What the program does.
#[derive(Debug, PartialEq, Subcommand)]
pub enum Command {
    /// Build the book.
    #[command(skip)]
    Build {
        /// The folder to build it in.
        dest: Option<PathBuf>,
        /// Whether to show it in the browser.
        open: bool,
    },
    /// Check the book, the README and what they include
    Check {
        /// Report only the faults that have one of these in their lines
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Run again what the pages show: transcripts, pictures, compiler messages
    /// and corrections
    #[command(after_help = "\
A new transcript is a file book/transcripts/LESSON/ANY.txt with one line, the
command; then record it. A command that ends with a status other than 0 has
`# status N` at its end. The schedules of a part are a file
book/schedules/LESSON/PART.json, which may be empty before it is recorded.")]
    Record {
        /// Record only what has one of these in its path
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Record the first picture of a part of a lesson
        #[arg(
            long,
            num_args = 2,
            value_names = ["LESSON", "PART"],
            conflicts_with = "names"
        )]
        picture: Option<Vec<String>>,
    },
    /// Draw all pictures again from the spans that were recorded
    Draw,
    /// Make the tables of `How fast?` again from what was measured, and all
    /// charts from the tables that they name
    Chart,
    /// Measure for the page `How fast?`; best with `cargo run --release`
    Measure {
        /// Measure hardly anything, and keep nothing: does it work?
        #[arg(long)]
        quick: bool,
        /// Only one part of the page
        part: Option<Part>,
    },
    /// Run the scripts of the page of corrections on each CPython from 3.8 up
    /// that is here
    Corrections {
        /// Run only the scripts that have one of these in their names
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
}

/// Reads the arguments, the first of which is the program's name.
///
/// # Errors
///
/// When they are wrong, and when they ask for help.
pub fn parse(
    args: impl Iterator<Item = OsString>,
) -> Result<Command, clap::Error> {
    let Args { command, dest, open } = Args::try_parse_from(args)?;
    Ok(command.unwrap_or(Command::Build { dest, open }))
}

/// An error without the usage below it, in one line.
pub fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let message = text.trim_start_matches("error: ");
    let message = message.split("\n\n").next().unwrap_or(message);
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Result<Command, clap::Error> {
        let words = ["book"].into_iter().chain(line.split_whitespace());
        parse(words.map(OsString::from))
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn commands_have_their_options() {
        let build = |dest, open| Command::Build { dest, open };
        let record =
            |all: &[_]| Command::Record { names: names(all), picture: None };
        let picture = Some(names(&["a", "b"]));
        let picture = Command::Record { names: vec![], picture };
        let measure = |quick, part| Command::Measure { quick, part };
        for (line, right) in [
            ("", build(None, false)),
            ("--open --dest x", build(Some("x".into()), true)),
            ("check a", Command::Check { names: names(&["a"]) }),
            ("record", record(&[])),
            ("record a b", record(&["a", "b"])),
            ("record --picture a b", picture),
            ("draw", Command::Draw),
            ("chart", Command::Chart),
            ("measure", measure(false, None)),
            ("measure rows", measure(false, Some(Part::Rows))),
            ("measure growth", measure(false, Some(Part::Growth))),
            ("measure starts --quick", measure(true, Some(Part::Starts))),
            ("corrections a", Command::Corrections { names: names(&["a"]) }),
        ] {
            assert_eq!(command(line).expect(line), right, "{line}");
        }
    }

    #[test]
    fn wrong_arguments_are_named_in_one_line() {
        for (line, message) in [
            ("--fast", "unexpected argument '--fast' found"),
            ("build", "unrecognized subcommand 'build'"),
            ("--open record", "cannot be used with"),
            ("record --picture a", "2 values required"),
            ("record a --picture b c", "cannot be used with"),
            ("draw a", "unexpected argument 'a' found"),
            ("chart one", "unexpected argument 'one' found"),
            ("measure rows starts", "unexpected argument 'starts' found"),
            ("measure all", "invalid value 'all'"),
            ("--open corrections", "cannot be used with"),
            ("corrections --picture", "unexpected argument '--picture'"),
        ] {
            let text = one_line(&command(line).expect_err(line));
            assert!(text.contains(message), "{line}: {text}");
            assert!(!text.contains('\n'), "{text}");
        }
    }
}
