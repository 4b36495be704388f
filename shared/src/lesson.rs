//! A lesson: its parts and roles by name, its help, and its run.

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::{env, io, slice};

use crate::args::{self, Args, CliError, Command, Names, TimelineOutput};
use crate::broken_pipe::install_broken_pipe_hook;
use crate::clock::{self, Stopwatch};
use crate::panic_line::install_one_line_panic_hook;
use crate::schedule::Schedule;
use crate::timeline::{self, Picture};

/// Whether a part or a role succeeded.
pub type PartResult = Result<(), Box<dyn Error>>;

/// What a part or a role may return: nothing, or how it failed.
///
/// Implemented for `()` and for a `Result` with any usual error.
///
/// ```
/// use shared::lesson::IntoPartResult;
///
/// assert!(().into_result().is_ok());
/// let error = Err::<(), _>("no luck").into_result().unwrap_err();
/// assert_eq!(error.to_string(), "no luck");
/// ```
pub trait IntoPartResult {
    /// The same as a `Result`.
    ///
    /// # Errors
    ///
    /// The error that the part returned.
    fn into_result(self) -> PartResult;
}

impl IntoPartResult for () {
    fn into_result(self) -> PartResult {
        Ok(())
    }
}

impl<E: Into<Box<dyn Error>>> IntoPartResult for Result<(), E> {
    fn into_result(self) -> PartResult {
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
    options: Vec<CustomOption>,
}

struct Part {
    name: &'static str,
    about: &'static str,
    run: Box<dyn Fn() -> PartResult>,
    schedule: Option<&'static dyn Schedule>,
}

struct Role {
    name: &'static str,
    /// Its options, one a line, when readers call it themselves.
    options: Option<&'static str>,
    run: Box<RoleFn>,
}

/// An option of this lesson alone.
struct CustomOption {
    name: &'static str,
    value: &'static str,
    about: &'static str,
}

/// The option of the parts that have a schedule.
const SCHEDULE: &str = "schedule";

type RoleFn = dyn Fn(&[String]) -> PartResult;

impl Lesson {
    /// A lesson without parts: `name` is its package, and for an example also
    /// `--example` and its name; `title` is one line.
    #[must_use]
    pub fn new(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            parts: Vec::new(),
            roles: Vec::new(),
            options: Vec::new(),
        }
    }

    /// Adds a part: its name, what it shows, and the function that does it.
    #[must_use]
    pub fn part<O: IntoPartResult>(
        mut self,
        name: &'static str,
        about: &'static str,
        run: impl Fn() -> O + 'static,
    ) -> Self {
        let run = Box::new(move || run().into_result());
        self.parts.push(Part { name, about, run, schedule: None });
        self
    }

    /// Gives the part that was added last the option `--schedule`, which runs
    /// this program in its place.
    #[must_use]
    pub fn schedule(mut self, program: &'static dyn Schedule) -> Self {
        let part = self.parts.last_mut().expect("it follows its part");
        part.schedule = Some(program);
        if self.options.iter().any(|option| option.name == SCHEDULE) {
            return self;
        }
        let about = "the threads' steps in this order; `all`: every schedule";
        self.option(SCHEDULE, "1,2,...", about)
    }

    /// Adds a role that [`child`](crate::child()) starts: its name, and the function that
    /// plays it, which gets the child's arguments.
    #[must_use]
    pub fn role<O: IntoPartResult>(
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
    pub fn command<O: IntoPartResult>(
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
    /// for. The parts ask for its value with [`option_value`](crate::option_value).
    #[must_use]
    pub fn option(
        mut self,
        name: &'static str,
        value: &'static str,
        about: &'static str,
    ) -> Self {
        self.options.push(CustomOption { name, value, about });
        self
    }

    /// Reads the command line and does what it says.
    ///
    /// Status 0: all went well. 1: a part failed; one line on standard error
    /// says which and why. 2: the command line is wrong, or something is
    /// [`MissingDependency`](crate::MissingDependency) on this machine; one line says what is right, or what to
    /// install.
    pub fn run(self) -> ExitCode {
        let result = self
            .parse(env::args_os().skip(1), env::var_os(clock::PACE_VARIABLE))
            .and_then(|args| self.execute(args));
        let Err(error) = result else {
            return ExitCode::SUCCESS;
        };
        // In one piece: other processes may fail on this terminal as well.
        let line = format!("{}: {}\n", self.name, error.message);
        let _ = io::Write::write_all(&mut io::stderr(), line.as_bytes());
        ExitCode::from(error.status)
    }

    fn parse(
        &self,
        args: impl Iterator<Item = OsString>,
        pace: Option<OsString>,
    ) -> Result<Args, CliError> {
        let names = Names {
            parts: self.parts.iter().map(|part| part.name).collect(),
            roles: self.roles.iter().map(|role| role.name).collect(),
            options: self.options.iter().map(|option| option.name).collect(),
        };
        Args::parse(&names, args, pace)
    }

    fn execute(&self, args: Args) -> Result<(), CliError> {
        clock::set_pace(args.pace);
        args::set_options(args.options);
        install_one_line_panic_hook();
        match args.command {
            Command::Help => print!("{}", self.help()),
            Command::List => print!("{}", self.list()),
            Command::Role(at, args) => {
                let Role { name, options, run } = &self.roles[at];
                if options.is_some() && args == ["--help"] {
                    print!("{}", self.help());
                    return Ok(());
                }
                // Only what a reader has called reports it; a child does not.
                install_broken_pipe_hook(options.map(|_| self.name));
                timeline::lane(name);
                run(&args).map_err(|error| CliError::failed(name, error))?;
            }
            Command::Part(at) => {
                let part = &self.parts[at];
                match args::option_value(SCHEDULE) {
                    Some(_) if args.timeline.is_some() => {
                        let wrong = "--timeline does not draw a --schedule";
                        return Err(CliError::usage(wrong));
                    }
                    Some(schedule) => self.show_schedule(part, schedule)?,
                    None => self.show(slice::from_ref(part), args.timeline)?,
                }
            }
            Command::AllParts if args::option_value(SCHEDULE).is_some() => {
                return Err(self.no_schedule());
            }
            Command::AllParts => self.show(&self.parts, args.timeline)?,
        }
        Ok(())
    }

    fn show(
        &self,
        parts: &[Part],
        draw: Option<TimelineOutput>,
    ) -> Result<(), CliError> {
        install_broken_pipe_hook(Some(self.name));
        if draw.is_some() {
            timeline::record()
                .map_err(|e| CliError::failed("--timeline", e))?;
        }
        let mut pictures = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                println!();
            }
            self.show_run(part, &part.run)?;
            if draw.is_some() {
                let title = format!("{} {}", self.name, part.name);
                let picture = timeline::take(&title)
                    .map_err(|e| CliError::failed("--timeline", e))?;
                pictures.push(picture);
            }
            if let Some(TimelineOutput::Terminal) = draw {
                print!("{}", pictures[i].text(timeline::terminal_width()));
            }
        }
        if let Some(TimelineOutput::File(path)) = draw {
            write(&path, &pictures)?;
        }
        Ok(())
    }

    fn show_schedule(
        &self,
        part: &Part,
        schedule: &str,
    ) -> Result<(), CliError> {
        let program = part.schedule.ok_or_else(|| self.no_schedule())?;
        install_broken_pipe_hook(Some(self.name));
        if schedule == "all" {
            print!("{}", program.graph());
            return Ok(());
        }
        self.show_run(part, || Ok(program.follow(schedule)?))
    }

    fn no_schedule(&self) -> CliError {
        let parts = self.parts.iter().filter(|it| it.schedule.is_some());
        let parts: Vec<_> = parts.map(|part| part.name).collect();
        let parts = parts.join(", ");
        CliError::usage(format!("--schedule needs one of the parts: {parts}"))
    }

    fn show_run(
        &self,
        part: &Part,
        run: impl FnOnce() -> PartResult,
    ) -> Result<(), CliError> {
        let Part { name, about, .. } = part;
        println!("--- {name}: {about} ---");
        let watch = Stopwatch::start();
        run().map_err(|error| CliError::failed(name, error))?;
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
        let Self { name, title, options, .. } = self;
        let own = options.iter().fold(String::new(), |mut list, option| {
            let CustomOption { name, value, about } = option;
            let usage = format!("--{name} {value}");
            writeln!(list, "  {usage:<20} {about}")
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
  --timeline           draw what worked and what waited, and when
  --timeline=FILE.svg  the same as a picture in a file
  --timeline=FILE.tsv  the same as a table, one span a line
{own}  --list               the parts, one a line
  --help               this help
{commands}"
        )
    }
}

fn write(path: &Path, pictures: &[Picture]) -> Result<(), CliError> {
    let text = match args::has_ending(path, "svg") {
        true => timeline::svg(pictures),
        false => timeline::tsv(pictures),
    };
    std::fs::write(path, text).map_err(|error| {
        CliError::failed(&format!("--timeline={}", path.display()), error)
    })
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
    use lexopt::Arg;

    use super::*;
    use crate::MissingDependency;

    fn parse(args: &[&str]) -> Result<Args, CliError> {
        parse_at(None, args)
    }

    fn parse_at(pace: Option<&str>, args: &[&str]) -> Result<Args, CliError> {
        Lesson::new("lesson", "A lesson")
            .part("race", "without a lock", || ())
            .part("lock", "with a lock", || ())
            .role("run_child", |_| ())
            .option("server", "ADDR", "ask this one")
            .parse(args.iter().map(OsString::from), pace.map(OsString::from))
    }

    fn refusal(args: &[&str]) -> String {
        let stop = parse(args).expect_err("refused");
        assert_eq!(stop.status, 2);
        assert_eq!(stop.message.lines().count(), 1, "{}", stop.message);
        stop.message
    }

    #[test]
    fn no_argument_asks_for_all_parts_at_the_documents_speed() {
        assert_eq!(parse(&[]), Ok(Args::default()));
    }

    #[test]
    fn a_part_is_asked_for_by_name() {
        assert_eq!(parse(&["lock"]).unwrap().command, Command::Part(1));
    }

    #[test]
    fn a_role_gets_everything_after_its_name() {
        let what =
            parse(&["run_child", "test", "--pace", "x"]).unwrap().command;
        let args = ["test", "--pace", "x"].map(String::from).to_vec();
        assert_eq!(what, Command::Role(0, args));
    }

    #[test]
    fn the_command_line_wins_over_the_environment() {
        assert_eq!(parse_at(Some("0.5"), &[]).unwrap().pace, 0.5);
        let both = parse_at(Some("0.5"), &["--pace", "2"]).unwrap();
        assert_eq!(both.pace, 2.0);
    }

    #[test]
    fn a_timeline_goes_to_the_terminal_or_to_a_file() {
        let timeline = |args| parse(args).unwrap().timeline;
        assert_eq!(timeline(&["--timeline"]), Some(TimelineOutput::Terminal));
        let file = timeline(&["--timeline=a.svg"]);
        assert_eq!(file, Some(TimelineOutput::File("a.svg".into())));
        let file = timeline(&["--timeline=a.tsv"]);
        assert_eq!(file, Some(TimelineOutput::File("a.tsv".into())));
    }

    #[test]
    fn a_lesson_may_have_an_option_of_its_own() {
        let asked = parse(&["lock", "--server", "::1", "--server=a"]).unwrap();
        let twice = vec![("server", "::1".into()), ("server", "a".into())];
        assert_eq!((asked.command, asked.options), (Command::Part(1), twice));
        assert!(refusal(&["--server"]).contains("--server"));
        let lesson = Lesson::new("l", "").option("server", "ADDR", "asks it");
        assert!(lesson.help().contains("\n  --server ADDR        asks it\n"));
    }

    #[test]
    fn a_command_is_a_role_whose_options_are_shown() {
        let lesson = || {
            Lesson::new("l", "").command("serve", "--port N  its port", |_| ())
        };
        let parse = |args: [&str; 2]| {
            lesson().parse(args.map(OsString::from).into_iter(), None).unwrap()
        };
        let args = vec!["--port".to_string()];
        assert_eq!(parse(["serve", "--port"]).command, Command::Role(0, args));
        let help = lesson().help();
        assert!(help.ends_with("Options of `serve`:\n  --port N  its port\n"));
        let unknown = Arg::Long("prot").unexpected();
        assert_eq!(CliError::failed("serve", unknown).status, 2);
    }

    #[test]
    fn what_is_missing_is_no_failure_of_the_lesson() {
        let missing = CliError::failed(
            "nslookup",
            MissingDependency("install it".into()),
        );
        assert_eq!(missing.message, "nslookup: install it");
        assert_eq!(missing.status, 2);
        assert_eq!(CliError::failed("nslookup", "it fails").status, 1);
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
        let stop = parse_at(Some("x"), &[]).unwrap_err();
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
