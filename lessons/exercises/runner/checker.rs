//! Builds the program that checks an answer, and runs it with a deadline.

use std::env;
use std::io::{self, IsTerminal, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use wait_timeout::ChildExt;

use crate::Result;
use crate::exercise::Exercise;

/// When an answer that hangs is ended.
const DEADLINE: Duration = Duration::from_secs(20);

/// `Err` is the line that says what is wrong with an answer.
pub type Verdict = std::result::Result<(), String>;

/// The package `exercise_checker`, built.
pub struct Checker(PathBuf);

impl Checker {
    /// With the reader's answer to one exercise, or with every answer to every
    /// exercise.
    ///
    /// # Errors
    ///
    /// When an answer does not compile: what the compiler says.
    pub fn build(exercise: Option<&Exercise>) -> Result<Self> {
        let Some(exercise) = exercise else {
            return build(&[])?.map(Self).map_err(Into::into);
        };
        let name = exercise.to_string();
        let messages = match build(&[("EXERCISE", &name)])? {
            Ok(program) => return Ok(Self(program)),
            Err(messages) => messages,
        };
        // Of an answer that is checked in many interleavings, a copy is
        // compiled. What the compiler says of the reader's own file is better.
        match build(&[("EXERCISE", &name), ("AS_WRITTEN", "yes")])? {
            Ok(_) => Err(messages.into()),
            Err(better) => Err(better.into()),
        }
    }

    /// Checks one answer, with a deadline.
    pub fn check(&self, exercise: &Exercise, answer: &str) -> Result<Verdict> {
        let mut child = Command::new(&self.0)
            .args([&exercise.to_string(), answer])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().expect("it is piped");
        let output = read_in_a_thread(stdout);
        let status = child.wait_timeout(DEADLINE)?;
        // What is left of the group, also after the end of its leader.
        let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
        child.wait()?;
        let output = output.recv_timeout(DEADLINE).unwrap_or_default();
        Ok(verdict(status, &output))
    }
}

/// Returns the program, or what the compiler says.
fn build(
    variables: &[(&str, &str)],
) -> io::Result<std::result::Result<PathBuf, String>> {
    if !is_built()? {
        eprintln!("compiling the checks; this takes a while the first time");
    }
    let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--package", "exercise_checker"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .envs(variables.iter().copied());
    if io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let output = command.output()?;
    Ok(match executable(&String::from_utf8_lossy(&output.stdout)) {
        Some(program) if output.status.success() => Ok(program),
        _ => Err(String::from_utf8_lossy(&output.stderr).trim_end().into()),
    })
}

/// Whether the checker is next to this program, or above its folder: there is
/// something to wait for if not.
fn is_built() -> io::Result<bool> {
    let ours = env::current_exe()?;
    let mut folders = ours.ancestors().skip(1).take(2);
    Ok(folders.any(|folder| folder.join("exercise_checker").is_file()))
}

/// The path of the program, from what cargo prints.
fn executable(messages: &str) -> Option<PathBuf> {
    let (_, path) = messages.split_once(r#""executable":""#)?;
    Some(path.split('"').next()?.into())
}

/// A process that escaped may keep the pipe open forever.
fn read_in_a_thread(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// Passes on what an answer printed; the last line is the verdict.
fn verdict(status: Option<ExitStatus>, output: &str) -> Verdict {
    let lines: Vec<_> = output.lines().collect();
    let is_done =
        status.is_some_and(|status| status.code().is_some_and(|code| code < 2));
    let (verdict, printed) = match lines.split_last() {
        Some((verdict, printed)) if is_done => (*verdict, printed),
        _ => ("", &lines[..]),
    };
    for line in printed {
        println!("{line}");
    }
    match status {
        None => Err(format!("stuck: no result after {DEADLINE:?}")),
        Some(status) if status.success() && verdict == "passed" => Ok(()),
        Some(status) if status.code() == Some(1) => Err(verdict.into()),
        Some(status) => {
            Err(format!("the check was ended in the middle: {status}"))
        }
    }
}
