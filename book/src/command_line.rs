//! What the command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

/// What `--help` prints.
pub const HELP: &str = "\
Builds the book, and records what its pages show.

Usage: cargo run -p book -- [--open] [--dest DIR]
       cargo run -p book -- record [NAME]...
       cargo run -p book -- record --picture LESSON PART
       cargo run -p book -- draw
       cargo run -p book -- chart
       cargo run --release -p book -- measure [--quick] [rows | starts]
       cargo run -p book -- corrections [NAME]...

  --open       open the book in the browser
  --dest DIR   build it there, and not to target/book
  record       run again what the pages show: all of it, or the transcripts,
               pictures, compiler messages and corrections whose path contains
               a NAME
  --picture    draw the first picture of a part of a lesson, and keep its spans
  draw         draw all pictures again from the spans that were kept
  chart        make the tables of `How fast?` again from what was measured,
               and all charts from the tables that they name
  measure      measure for the page `How fast?`: what the lessons do beside
               CPython (rows), and how soon each of them is there (starts)
  --quick      measure hardly anything, and keep nothing: does it work?
  corrections  run the scripts of the page of corrections, or those whose path
               contains a NAME, on each CPython from 3.8 up that is here
  --help       this help

A new transcript is a file book/transcripts/LESSON/ANY.txt with one line, the
command; then record it. A command that ends with a status other than 0 has
`# status N` at its end.
";

/// What the program shall do.
#[derive(Debug, PartialEq)]
pub enum Ask {
    /// Print the help.
    Help,
    /// Build the book, in a folder of the reader's or in the usual one.
    Build {
        /// The reader's folder.
        dest: Option<PathBuf>,
        /// Whether to show it in the browser.
        open: bool,
    },
    /// Record again what contains one of the names, or everything.
    Record(Vec<String>),
    /// Draw again what was recorded.
    Draw,
    /// Make the measured tables, and draw all charts.
    Chart,
    /// Measure.
    Measure {
        /// Whether it only has to work.
        quick: bool,
        /// One of the two halves, or both.
        half: Option<Half>,
    },
    /// Draw a part of a lesson.
    Picture {
        /// The lesson's package.
        lesson: String,
        /// The part.
        part: String,
    },
    /// Run the corrections that contain one of the names, or all of them.
    Corrections(Vec<String>),
}

/// Half of what there is to measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Half {
    /// What the lessons do, beside CPython.
    Rows,
    /// How soon each lesson is there.
    Starts,
}

/// Reads the arguments, without the program's name.
pub fn parse(
    args: impl Iterator<Item = OsString>,
) -> Result<Ask, lexopt::Error> {
    let mut parser = Parser::from_args(args);
    let (mut dest, mut open) = (None, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Ask::Help),
            Arg::Long("open") => open = true,
            Arg::Long("dest") => dest = Some(parser.value()?.into()),
            Arg::Value(word) if word == "chart" && dest.is_none() && !open => {
                return nothing_more(&mut parser, Ask::Chart);
            }
            Arg::Value(word)
                if word == "measure" && dest.is_none() && !open =>
            {
                return parse_measure(&mut parser);
            }
            Arg::Value(word) if word == "record" && dest.is_none() && !open => {
                return parse_record(&mut parser);
            }
            Arg::Value(word) if word == "draw" && dest.is_none() && !open => {
                let more = parser.next()?.map(|arg| arg.unexpected());
                return more.map_or(Ok(Ask::Draw), Err);
            }
            Arg::Value(word)
                if word == "corrections" && dest.is_none() && !open =>
            {
                return parse_corrections(&mut parser);
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Ask::Build { dest, open })
}

fn nothing_more(parser: &mut Parser, ask: Ask) -> Result<Ask, lexopt::Error> {
    match parser.next()? {
        None => Ok(ask),
        Some(arg) => Err(arg.unexpected()),
    }
}

fn parse_measure(parser: &mut Parser) -> Result<Ask, lexopt::Error> {
    let (mut quick, mut half) = (false, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Ask::Help),
            Arg::Long("quick") => quick = true,
            Arg::Value(word) if half.is_none() && word == "rows" => {
                half = Some(Half::Rows);
            }
            Arg::Value(word) if half.is_none() && word == "starts" => {
                half = Some(Half::Starts);
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Ask::Measure { quick, half })
}

fn parse_record(parser: &mut Parser) -> Result<Ask, lexopt::Error> {
    let (mut names, mut picture) = (Vec::new(), false);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Ask::Help),
            Arg::Long("picture") => picture = true,
            Arg::Value(name) => names.push(name.string()?),
            other => return Err(other.unexpected()),
        }
    }
    match <[String; 2]>::try_from(names) {
        Ok([lesson, part]) if picture => Ok(Ask::Picture { lesson, part }),
        Err(_) if picture => Err("--picture wants a lesson and a part".into()),
        Ok(names) => Ok(Ask::Record(names.into())),
        Err(names) => Ok(Ask::Record(names)),
    }
}

fn parse_corrections(parser: &mut Parser) -> Result<Ask, lexopt::Error> {
    let mut names = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Ask::Help),
            Arg::Value(name) => names.push(name.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Ask::Corrections(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Result<Ask, lexopt::Error> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn without_a_word_the_book_is_built() {
        let (dest, open) = (None, false);
        assert_eq!(ask("").unwrap(), Ask::Build { dest, open });
        let (dest, open) = (Some("x".into()), true);
        assert_eq!(ask("--open --dest x").unwrap(), Ask::Build { dest, open });
    }

    #[test]
    fn names_say_what_to_record() {
        assert_eq!(ask("record").unwrap(), Ask::Record(vec![]));
        let names = ["a", "b"].map(String::from).to_vec();
        assert_eq!(ask("record a b").unwrap(), Ask::Record(names));
        let (lesson, part) = ("a".into(), "b".into());
        let picture = Ask::Picture { lesson, part };
        assert_eq!(ask("record --picture a b").unwrap(), picture);
        assert_eq!(ask("draw").unwrap(), Ask::Draw);
        let names = vec!["a".into()];
        assert_eq!(ask("corrections a").unwrap(), Ask::Corrections(names));
    }

    #[test]
    fn charts_are_drawn_all_together() {
        assert_eq!(ask("chart").unwrap(), Ask::Chart);
        ask("chart one").expect_err("one alone");
    }

    #[test]
    fn half_of_it_may_be_measured() {
        let (quick, half) = (false, None);
        assert_eq!(ask("measure").unwrap(), Ask::Measure { quick, half });
        let (quick, half) = (true, Some(Half::Starts));
        let line = "measure starts --quick";
        assert_eq!(ask(line).unwrap(), Ask::Measure { quick, half });
        ask("measure rows starts").expect_err("that is all");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for line in [
            "--fast",
            "build",
            "--open record",
            "record --picture a",
            "draw a",
            "--open corrections",
            "corrections --picture",
        ] {
            let error = ask(line).unwrap_err().to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
