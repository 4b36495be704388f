//! A lesson's command line.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use lexopt::{Arg, ValueExt};

use crate::clock;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub(crate) struct Args {
    pub command: Command,
    pub pace: f64,
    pub timeline: Option<TimelineOutput>,
    pub options: Vec<(&'static str, String)>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    AllParts,
    Part(usize),
    Role(usize, Vec<String>),
    List,
    Help,
}

#[derive(Debug, PartialEq)]
pub(crate) enum TimelineOutput {
    Terminal,
    File(PathBuf),
}

/// The names that a lesson's command line may have.
pub(crate) struct Names {
    pub parts: Vec<&'static str>,
    pub roles: Vec<&'static str>,
    pub options: Vec<&'static str>,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            command: Command::AllParts,
            pace: 1.0,
            timeline: None,
            options: Vec::new(),
        }
    }
}

impl Args {
    pub(crate) fn parse(
        names: &Names,
        args: impl Iterator<Item = OsString>,
        pace: Option<OsString>,
    ) -> Result<Self, CliError> {
        let mut parsed = Self::default();
        if let Some(pace) = pace {
            parsed.set_pace(&pace)?;
        }
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => {
                    parsed.command = Command::Help;
                }
                Arg::Long("list") => parsed.command = Command::List,
                Arg::Long("pace") => parsed.set_pace(&parser.value()?)?,
                Arg::Long("timeline") => {
                    let output = timeline_output(parser.optional_value())?;
                    parsed.timeline = Some(output);
                }
                Arg::Long(name) => match position(&names.options, name) {
                    Some(at) => {
                        let value = parser.value()?.string()?;
                        parsed.options.push((names.options[at], value));
                    }
                    None => return Err(arg.unexpected().into()),
                },
                Arg::Value(name) => {
                    let name = name.string()?;
                    if let Some(at) = position(&names.roles, &name) {
                        let args = parser.raw_args()?.map(ValueExt::string);
                        let args = args.collect::<Result<_, _>>()?;
                        parsed.command = Command::Role(at, args);
                        break;
                    }
                    parsed.choose_part(names.find_part(&name)?)?;
                }
                Arg::Short(_) => return Err(arg.unexpected().into()),
            }
        }
        Ok(parsed)
    }

    fn set_pace(&mut self, text: &OsStr) -> Result<(), CliError> {
        let pace = clock::parse_pace(&text.to_string_lossy());
        self.pace = pace.map_err(CliError::usage)?;
        Ok(())
    }

    fn choose_part(&mut self, at: usize) -> Result<(), CliError> {
        match self.command {
            Command::Part(_) => {
                Err(CliError::usage("name one part, or none for all"))
            }
            // `--help` and `--list` need no part and win over one.
            Command::Help | Command::List => Ok(()),
            _ => {
                self.command = Command::Part(at);
                Ok(())
            }
        }
    }
}

impl Names {
    fn find_part(&self, name: &str) -> Result<usize, CliError> {
        position(&self.parts, name).ok_or_else(|| {
            let parts = self.parts.join(", ");
            CliError::usage(format!("no part {name:?}; the parts are: {parts}"))
        })
    }
}

fn position(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|it| *it == name)
}

/// Where the timeline goes. A file that cannot be written is refused
/// before any part runs.
fn timeline_output(file: Option<OsString>) -> Result<TimelineOutput, CliError> {
    let Some(file) = file else {
        return Ok(TimelineOutput::Terminal);
    };
    let path = PathBuf::from(file);
    if !["svg", "tsv"].iter().any(|it| has_ending(&path, it)) {
        return Err(CliError::usage(
            "--timeline wants a FILE.svg or a FILE.tsv",
        ));
    }
    let folder = path.parent().expect("a path with a file name has a parent");
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        let folder = folder.display();
        return Err(CliError::usage(format!("--timeline: no folder {folder}")));
    }
    Ok(TimelineOutput::File(path))
}

pub(crate) fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension() == Some(OsStr::new(ending))
}

/// The values of the lesson's own options on the command line.
static OPTIONS: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();

/// Fixes the values of the lesson's own options. The first call wins.
pub(crate) fn set_options(options: Vec<(&'static str, String)>) {
    let _ = OPTIONS.set(options);
}

/// The value of an option that the lesson has added with
/// [`Lesson::option`](crate::Lesson::option); `None` when the command line does
/// not have it. If it is there twice, the last one counts.
///
/// ```
/// assert_eq!(shared::option_value("server"), None);
/// ```
pub fn option_value(name: &str) -> Option<&'static str> {
    let options = OPTIONS.get()?.iter().rev();
    let mut values = options.filter(|(option, _)| *option == name);
    values.next().map(|(_, value)| value.as_str())
}

/// Why a lesson ends early: one line, and the exit status.
#[derive(Debug, PartialEq)]
pub(crate) struct CliError {
    pub message: String,
    pub status: u8,
}

impl CliError {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        let message = format!("{} (see --help)", message.into());
        Self { message, status: 2 }
    }

    pub(crate) fn failed(what: &str, error: impl Into<Box<dyn Error>>) -> Self {
        let error = error.into();
        if error.is::<lexopt::Error>() {
            return Self::usage(format!("{what}: {error}"));
        }
        let status = if error.is::<MissingDependency>() { 2 } else { 1 };
        Self { message: format!("{what}: {error}"), status }
    }
}

/// Something that this machine lacks: what it is, and how to get it, in one
/// line. A part that fails with it ends the lesson with status 2.
///
/// ```
/// use std::error::Error;
/// use std::process::Command;
/// use shared::MissingDependency;
///
/// fn nslookup() -> Result<(), Box<dyn Error>> {
///     let found = Command::new("nslookup").arg("-version").output();
///     found.map_err(|_| MissingDependency("no nslookup; install it".into()))?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct MissingDependency(pub String);

impl fmt::Display for MissingDependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for MissingDependency {}

impl From<lexopt::Error> for CliError {
    fn from(error: lexopt::Error) -> Self {
        Self::usage(error.to_string())
    }
}
