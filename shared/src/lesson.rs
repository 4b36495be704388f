//! A lesson's parts by name, its command line, and its children.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode};
use std::sync::{Once, OnceLock};
use std::{env, io, panic, thread};

use lexopt::{Arg, ValueExt};

use crate::clock::{self, Stopwatch};
use crate::timeline::{self, Picture};

/// What a part or a role hands back: nothing, or how it failed.
///
/// Implemented for `()` and for a `Result` with any usual error.
///
/// ```
/// use shared::lesson::Outcome;
///
/// assert!(().into_result().is_ok());
/// let error = Err::<(), _>("no luck").into_result().unwrap_err();
/// assert_eq!(error.to_string(), "no luck");
/// ```
pub trait Outcome {
    /// The same as a `Result`.
    ///
    /// # Errors
    ///
    /// The error that the part returned.
    fn into_result(self) -> Ended;
}

impl Outcome for () {
    fn into_result(self) -> Ended {
        Ok(())
    }
}

impl<E: Into<Box<dyn Error>>> Outcome for Result<(), E> {
    fn into_result(self) -> Ended {
        self.map_err(Into::into)
    }
}

/// A lesson: its parts in their order, and the roles of its children.
///
/// ```
/// use std::process::ExitCode;
/// use shared::Lesson;
///
/// fn main() -> ExitCode {
///     Lesson::new("hello", "Hello, part by part")
///         .part("hello", "greet the reader", hello)
///         .run()
/// }
///
/// fn hello() {
///     println!("Hello!");
/// }
/// ```
///
/// On the command line a reader names a part, or none for all of them. A part
/// prints between a heading and the time it took:
///
/// ```text
/// --- hello: greet the reader ---
/// Hello!
/// --- hello took 0.00 s ---
/// ```
pub struct Lesson {
    name: &'static str,
    title: &'static str,
    parts: Vec<Part>,
    roles: Vec<Role>,
    choices: Vec<Choice>,
}

struct Part {
    name: &'static str,
    about: &'static str,
    run: Box<dyn Fn() -> Ended>,
}

struct Role {
    name: &'static str,
    /// Its options, one a line, when readers call it themselves.
    options: Option<&'static str>,
    run: Box<RoleFn>,
}

/// An option of this lesson alone.
struct Choice {
    name: &'static str,
    value: &'static str,
    about: &'static str,
}

type RoleFn = dyn Fn(&[String]) -> Ended;
type Ended = Result<(), Box<dyn Error>>;

impl Lesson {
    /// A lesson without parts: `name` is its package, `title` one line.
    #[must_use]
    pub fn new(name: &'static str, title: &'static str) -> Self {
        let (parts, roles, choices) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, title, parts, roles, choices }
    }

    /// Adds a part: its name, what it shows, and the function that does it.
    #[must_use]
    pub fn part<O: Outcome>(
        mut self,
        name: &'static str,
        about: &'static str,
        run: impl Fn() -> O + 'static,
    ) -> Self {
        let run = Box::new(move || run().into_result());
        self.parts.push(Part { name, about, run });
        self
    }

    /// Adds a role that [`child`] starts: its name, and the function that
    /// plays it, which gets the child's arguments.
    #[must_use]
    pub fn role<O: Outcome>(
        mut self,
        name: &'static str,
        run: impl Fn(&[String]) -> O + 'static,
    ) -> Self {
        let run = Box::new(move |args: &[String]| run(args).into_result());
        self.roles.push(Role { name, options: None, run });
        self
    }

    /// Adds a role that readers call themselves: its name, its options as
    /// `--help` shows them, one a line, and the function that plays it. An
    /// error of [`lexopt`] that it returns ends the lesson with status 2.
    #[must_use]
    pub fn command<O: Outcome>(
        self,
        name: &'static str,
        options: &'static str,
        run: impl Fn(&[String]) -> O + 'static,
    ) -> Self {
        let mut lesson = self.role(name, run);
        if let Some(command) = lesson.roles.last_mut() {
            command.options = Some(options);
        }
        lesson
    }

    /// Adds an option of this lesson alone, `--name VALUE`, and what it is
    /// for. The parts ask for its value with [`choice`].
    #[must_use]
    pub fn option(
        mut self,
        name: &'static str,
        value: &'static str,
        about: &'static str,
    ) -> Self {
        self.choices.push(Choice { name, value, about });
        self
    }

    /// Reads the command line and does what it says.
    ///
    /// Status 0: all went well. 1: a part failed; one line on standard error
    /// says which and why. 2: the command line is wrong, or something is
    /// [`Missing`] on this machine; one line says what is right, or what to
    /// install.
    pub fn run(self) -> ExitCode {
        let result = self
            .parse(env::args_os().skip(1), env::var_os(clock::PACE_VARIABLE))
            .and_then(|ask| self.answer(ask));
        let Err(stop) = result else {
            return ExitCode::SUCCESS;
        };
        // In one piece: other processes may fail on this terminal as well.
        let line = format!("{}: {}\n", self.name, stop.message);
        let _ = io::Write::write_all(&mut io::stderr(), line.as_bytes());
        ExitCode::from(stop.status)
    }

    fn parse(
        &self,
        args: impl Iterator<Item = OsString>,
        pace: Option<OsString>,
    ) -> Result<Ask, Stop> {
        let mut ask = Ask::default();
        if let Some(pace) = pace {
            ask.set_pace(&pace)?;
        }
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => ask.what = What::Help,
                Arg::Long("list") => ask.what = What::List,
                Arg::Long("pace") => ask.set_pace(&parser.value()?)?,
                Arg::Long("timeline") => {
                    ask.timeline = Some(drawing(parser.optional_value())?);
                }
                Arg::Long(name) if self.find_choice(name).is_some() => {
                    let choice = self.find_choice(name).expect("just found");
                    let value = parser.value()?.string()?;
                    ask.chosen.push((choice.name, value));
                }
                Arg::Value(name) => {
                    let name = name.string()?;
                    if let Some(at) = self.find_role(&name) {
                        let args = parser.raw_args()?.map(ValueExt::string);
                        let args = args.collect::<Result<Vec<_>, _>>()?;
                        let command = self.roles[at].options.is_some();
                        ask.what = match command && args == ["--help"] {
                            true => What::Help,
                            false => What::Role(at, args),
                        };
                        break;
                    }
                    ask.choose_part(self.find_part(&name)?)?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(ask)
    }

    fn find_role(&self, name: &str) -> Option<usize> {
        self.roles.iter().position(|role| role.name == name)
    }

    fn find_choice(&self, name: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.name == name)
    }

    fn find_part(&self, name: &str) -> Result<usize, Stop> {
        let at = self.parts.iter().position(|part| part.name == name);
        at.ok_or_else(|| {
            let names: Vec<_> = self.parts.iter().map(|p| p.name).collect();
            let names = names.join(", ");
            Stop::usage(format!("no part {name:?}; the parts are: {names}"))
        })
    }

    fn answer(&self, ask: Ask) -> Result<(), Stop> {
        clock::set_pace(ask.pace);
        let _ = CHOSEN.set(ask.chosen);
        match ask.what {
            What::Help => print!("{}", self.help()),
            What::List => print!("{}", self.list()),
            What::Role(at, args) => {
                let Role { name, options, run } = &self.roles[at];
                // A reader who has called it hears of it; a child is quiet.
                end_without_reader(options.map(|_| self.name));
                timeline::lane(name);
                run(&args).map_err(|error| Stop::failed(name, error))?;
            }
            What::Part(at) => self.show(&self.parts[at..=at], ask.timeline)?,
            What::All => self.show(&self.parts, ask.timeline)?,
        }
        Ok(())
    }

    fn show(&self, parts: &[Part], draw: Option<Drawing>) -> Result<(), Stop> {
        end_without_reader(Some(self.name));
        if draw.is_some() {
            timeline::record().map_err(|e| Stop::failed("--timeline", e))?;
        }
        let mut pictures = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                println!();
            }
            self.show_part(part)?;
            if draw.is_some() {
                let title = format!("{} {}", self.name, part.name);
                let picture = timeline::take(&title)
                    .map_err(|e| Stop::failed("--timeline", e))?;
                pictures.push(picture);
            }
            if let Some(Drawing::Terminal) = draw {
                print!("{}", pictures[i].text(timeline::terminal_width()));
            }
        }
        if let Some(Drawing::File(path)) = draw {
            write(&path, &pictures)?;
        }
        Ok(())
    }

    fn show_part(&self, part: &Part) -> Result<(), Stop> {
        let Part { name, about, run } = part;
        println!("--- {name}: {about} ---");
        let watch = Stopwatch::start();
        run().map_err(|error| Stop::failed(name, error))?;
        println!("--- {name} took {watch} s ---");
        Ok(())
    }

    fn list(&self) -> String {
        self.parts.iter().fold(String::new(), |mut list, part| {
            writeln!(list, "{:<15} {}", part.name, part.about)
                .expect("a String takes every line");
            list
        })
    }

    fn help(&self) -> String {
        let Self { name, title, choices, .. } = self;
        let choices = choices.iter().fold(String::new(), |mut list, choice| {
            let Choice { name, value, about } = choice;
            let option = format!("--{name} {value}");
            writeln!(list, "  {option:<20} {about}")
                .expect("a String takes every line");
            list
        });
        let parts = self.list().replace('\n', "\n  ");
        let parts = parts.trim_end();
        let commands = self.roles.iter().filter_map(|role| {
            let options = role.options?.replace('\n', "\n  ");
            Some(format!("\nOptions of `{}`:\n  {options}\n", role.name))
        });
        let commands: String = commands.collect();
        format!(
            "{name}: {title}

Usage: cargo run -p {name} -- [PART] [OPTION]...

Parts (without one: all of them, in this order):
  {parts}

Options:
  --pace X             every nap takes X times as long (0.05: much faster)
  --timeline           draw who worked and who waited, and when
  --timeline=FILE.svg  the same as a picture in a file
  --timeline=FILE.tsv  the same as a table, one span a line
{choices}  --list               the parts, one a line
  --help               this help
{commands}"
        )
    }
}

/// Where `println!` panics because nobody reads any more, as after `| head`, or
/// because the disk is full, ends this process instead, with status 1. With one
/// line, if it has a name.
fn end_without_reader(name: Option<&'static str>) {
    static ENDS: Once = Once::new();
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let words = info.payload_as_str().unwrap_or_default();
        match words.strip_prefix("failed printing to stdout: ") {
            // Whoever comes second waits here for the end.
            Some(why) => ENDS.call_once(|| end_unheard(name, why)),
            None => usual(info),
        }
    }));
}

fn end_unheard(name: Option<&str>, why: &str) -> ! {
    if let Some(name) = name {
        let line = match why.starts_with("Broken pipe") {
            true => format!("{name}: nobody reads its output any more\n"),
            false => format!("{name}: it cannot print: {why}\n"),
        };
        // Nobody may read this one either.
        let _ = io::Write::write_all(&mut io::stderr(), line.as_bytes());
    }
    // `exit` drops what is local to the thread that calls it, and that may
    // print as well: so a thread that has nothing calls it.
    let exit = thread::Builder::new().spawn(|| process::exit(1));
    let _ = exit.map(|ends_all| ends_all.join());
    process::exit(1) // There was no room for a thread.
}

/// What the command line asks for.
#[derive(Debug, PartialEq)]
struct Ask {
    what: What,
    pace: f64,
    timeline: Option<Drawing>,
    chosen: Vec<(&'static str, String)>,
}

/// What the command line said for the lesson's own options.
static CHOSEN: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();

/// The value of an option that the lesson has added with [`Lesson::option`];
/// `None` when the command line does not have it. Where it stands twice, the
/// last one counts.
///
/// ```
/// assert_eq!(shared::choice("server"), None);
/// ```
pub fn choice(name: &str) -> Option<&'static str> {
    let chosen = CHOSEN.get()?.iter().rev().find(|(it, _)| *it == name);
    chosen.map(|(_, value)| value.as_str())
}

#[derive(Debug, PartialEq)]
enum What {
    All,
    Part(usize),
    Role(usize, Vec<String>),
    List,
    Help,
}

#[derive(Debug, PartialEq)]
enum Drawing {
    Terminal,
    File(PathBuf),
}

impl Default for Ask {
    fn default() -> Self {
        let chosen = Vec::new();
        Self { what: What::All, pace: 1.0, timeline: None, chosen }
    }
}

impl Ask {
    fn set_pace(&mut self, text: &OsStr) -> Result<(), Stop> {
        let pace = clock::parse_pace(&text.to_string_lossy());
        self.pace = pace.map_err(Stop::usage)?;
        Ok(())
    }

    fn choose_part(&mut self, at: usize) -> Result<(), Stop> {
        match self.what {
            What::Part(_) => Err(Stop::usage("name one part, or none for all")),
            // `--help` and `--list` need no part and win over one.
            What::Help | What::List => Ok(()),
            _ => {
                self.what = What::Part(at);
                Ok(())
            }
        }
    }
}

/// Where the timeline goes. A file that cannot be is refused before any part
/// has run for it.
fn drawing(file: Option<OsString>) -> Result<Drawing, Stop> {
    let Some(file) = file else {
        return Ok(Drawing::Terminal);
    };
    let path = PathBuf::from(file);
    if !["svg", "tsv"].iter().any(|it| has_ending(&path, it)) {
        return Err(Stop::usage("--timeline wants a FILE.svg or a FILE.tsv"));
    }
    let folder = path.parent().expect("a path with a file name has a parent");
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        let folder = folder.display();
        return Err(Stop::usage(format!("--timeline: no folder {folder}")));
    }
    Ok(Drawing::File(path))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension() == Some(OsStr::new(ending))
}

fn write(path: &Path, pictures: &[Picture]) -> Result<(), Stop> {
    let text = match has_ending(path, "svg") {
        true => timeline::svg(pictures),
        false => timeline::tsv(pictures),
    };
    std::fs::write(path, text).map_err(|error| {
        Stop::failed(&format!("--timeline={}", path.display()), error)
    })
}

/// Why a lesson ends early: one line, and the exit status.
#[derive(Debug, PartialEq)]
struct Stop {
    message: String,
    status: u8,
}

impl Stop {
    fn usage(message: impl Into<String>) -> Self {
        let message = format!("{} (see --help)", message.into());
        Self { message, status: 2 }
    }

    fn failed(what: &str, error: impl Into<Box<dyn Error>>) -> Self {
        let error = error.into();
        if error.is::<lexopt::Error>() {
            return Self::usage(format!("{what}: {error}"));
        }
        let status = if error.is::<Missing>() { 2 } else { 1 };
        Self { message: format!("{what}: {error}"), status }
    }
}

/// Something that this machine lacks: what it is, and how to get it, in one
/// line. A part that fails with it ends the lesson with status 2, and not 1:
/// nothing is wrong with the lesson.
///
/// ```
/// use std::error::Error;
/// use std::process::Command;
/// use shared::Missing;
///
/// fn nslookup() -> Result<(), Box<dyn Error>> {
///     let found = Command::new("nslookup").arg("-version").output();
///     found.map_err(|_| Missing("no nslookup; install it".into()))?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Missing(pub String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Missing {}

impl From<lexopt::Error> for Stop {
    fn from(error: lexopt::Error) -> Self {
        Self::usage(error.to_string())
    }
}

/// This very program again, as a child in `role`: a plain [`Command`], and
/// `std` does the rest (`spawn`, `id`, `wait`, `try_wait`, `kill`).
///
/// The role is one of those that the lesson's `main` names beside its parts.
/// The child inherits the pace and the timeline.
///
/// # Errors
///
/// When the system cannot say which program this is.
///
/// ```standalone_crate
/// use std::process::ExitCode;
/// use shared::Lesson;
///
/// fn main() -> ExitCode {
///     Lesson::new("hello", "A child says hello")
///         .part("hello", "start a child and wait for it", hello)
///         .role("run_child", run_child)
///         .run()
/// }
///
/// fn hello() -> std::io::Result<()> {
///     let mut child = shared::child("run_child", ["test"])?.spawn()?;
///     let status = child.wait()?;
///     assert!(status.success());
///     Ok(())
/// }
///
/// fn run_child(args: &[String]) {
///     println!("child {} says hello to {}", std::process::id(), args[0]);
/// }
/// ```
pub fn child<I, S>(role: &str, args: I) -> io::Result<Command>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(env::current_exe()?);
    command.arg(role).args(args);
    command.env(clock::PACE_VARIABLE, clock::pace().to_string());
    command.envs(timeline::inherited());
    Ok(command)
}

/// The whole `main` of a Unix lesson on a system that is not Unix: says what
/// to read instead, status 2.
///
/// ```
/// let status = shared::unix_only("lesson00_fork", "lesson01_process");
/// assert_eq!(status, std::process::ExitCode::from(2));
/// ```
#[must_use]
pub fn unix_only(lesson: &str, instead: &str) -> ExitCode {
    eprintln!("{lesson}: this lesson needs Unix; read {instead} instead");
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(args: &[&str]) -> Result<Ask, Stop> {
        ask_at(None, args)
    }

    fn ask_at(pace: Option<&str>, args: &[&str]) -> Result<Ask, Stop> {
        Lesson::new("lesson", "A lesson")
            .part("race", "without a lock", || ())
            .part("lock", "with a lock", || ())
            .role("run_child", |_| ())
            .option("server", "ADDR", "ask this one")
            .parse(args.iter().map(OsString::from), pace.map(OsString::from))
    }

    fn refusal(args: &[&str]) -> String {
        let stop = ask(args).expect_err("refused");
        assert_eq!(stop.status, 2);
        assert_eq!(stop.message.lines().count(), 1, "{}", stop.message);
        stop.message
    }

    #[test]
    fn no_argument_asks_for_all_parts_at_the_documents_speed() {
        assert_eq!(ask(&[]), Ok(Ask::default()));
    }

    #[test]
    fn a_part_is_asked_for_by_name() {
        assert_eq!(ask(&["lock"]).unwrap().what, What::Part(1));
    }

    #[test]
    fn a_role_gets_everything_after_its_name() {
        let what = ask(&["run_child", "test", "--pace", "x"]).unwrap().what;
        let args = ["test", "--pace", "x"].map(String::from).to_vec();
        assert_eq!(what, What::Role(0, args));
    }

    #[test]
    fn the_command_line_wins_over_the_environment() {
        assert_eq!(ask_at(Some("0.5"), &[]).unwrap().pace, 0.5);
        let both = ask_at(Some("0.5"), &["--pace", "2"]).unwrap();
        assert_eq!(both.pace, 2.0);
    }

    #[test]
    fn a_timeline_goes_to_the_terminal_or_to_a_file() {
        let timeline = |args| ask(args).unwrap().timeline;
        assert_eq!(timeline(&["--timeline"]), Some(Drawing::Terminal));
        let file = timeline(&["--timeline=a.svg"]);
        assert_eq!(file, Some(Drawing::File("a.svg".into())));
        let file = timeline(&["--timeline=a.tsv"]);
        assert_eq!(file, Some(Drawing::File("a.tsv".into())));
    }

    #[test]
    fn a_lesson_may_have_an_option_of_its_own() {
        let asked = ask(&["lock", "--server", "::1", "--server=a"]).unwrap();
        let twice = vec![("server", "::1".into()), ("server", "a".into())];
        assert_eq!((asked.what, asked.chosen), (What::Part(1), twice));
        assert!(refusal(&["--server"]).contains("--server"));
        let lesson = Lesson::new("l", "").option("server", "ADDR", "asks it");
        assert!(lesson.help().contains("\n  --server ADDR        asks it\n"));
    }

    #[test]
    fn a_command_is_a_role_whose_options_are_shown() {
        let lesson = || {
            Lesson::new("l", "").command("serve", "--port N  its port", |_| ())
        };
        let ask = |args: [&str; 2]| {
            lesson().parse(args.map(OsString::from).into_iter(), None).unwrap()
        };
        let args = vec!["--port".to_string()];
        assert_eq!(ask(["serve", "--port"]).what, What::Role(0, args));
        assert_eq!(ask(["serve", "--help"]).what, What::Help);
        let help = lesson().help();
        assert!(help.ends_with("Options of `serve`:\n  --port N  its port\n"));
        let unknown = Arg::Long("prot").unexpected();
        assert_eq!(Stop::failed("serve", unknown).status, 2);
    }

    #[test]
    fn what_is_missing_is_no_failure_of_the_lesson() {
        let missing = Stop::failed("nslookup", Missing("install it".into()));
        assert_eq!(missing.message, "nslookup: install it");
        assert_eq!(missing.status, 2);
        assert_eq!(Stop::failed("nslookup", "it fails").status, 1);
    }

    #[test]
    fn an_unknown_part_is_refused_with_the_real_ones() {
        let message = refusal(&["locks"]);
        let names = "no part \"locks\"; the parts are: race, lock";
        assert!(message.starts_with(names), "{message}");
    }

    #[test]
    fn a_bad_pace_is_refused_wherever_it_comes_from() {
        assert!(refusal(&["--pace", "fast"]).contains("not \"fast\""));
        assert!(refusal(&["--pace", "0"]).contains("not \"0\""));
        let stop = ask_at(Some("x"), &[]).unwrap_err();
        assert!(stop.message.contains("not \"x\""));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(refusal(&["--pace"]).contains("--pace"));
        assert!(refusal(&["--slow"]).contains("--slow"));
        assert!(refusal(&["race", "lock"]).contains("one part"));
        assert!(refusal(&["--timeline=a.png"]).contains("FILE.svg"));
        assert!(refusal(&["--timeline=no/such/a.svg"]).contains("no/such"));
    }
}
