//! A program in the background: the test waits for its lines, signals it, and
//! waits for its end.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::template::fit;
use crate::{Found, Run, root};

/// A program that runs during the test. It is killed when it is dropped.
///
/// ```
/// use std::process::Command;
/// use harness::Background;
///
/// let mut echo = Background::start(Command::new("echo").arg("hello you"));
/// assert_eq!(echo.wait_for("hello {speaker}").text("speaker"), "you");
/// assert_eq!(echo.end().code, Some(0));
/// ```
#[derive(Debug)]
pub struct Background {
    child: Child,
    receiver: Receiver<String>,
    printed: Vec<String>,
    deadline: Instant,
}

impl Background {
    /// Starts it, in the root of the workspace; both its outputs are lines.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let (out, end) = io::pipe().expect("a pipe");
        let second = end.try_clone().expect("a second end");
        command.current_dir(root()).stdin(Stdio::null());
        command.stdout(end).stderr(second);
        let started = command.spawn();
        let child = started.unwrap_or_else(|e| panic!("{command:?}: {e}"));
        // Drops our ends of the pipe: the thread below reads until none is open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(out).lines();
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let deadline = Instant::now() + crate::deadline();
        Self { child, receiver, printed: Vec::new(), deadline }
    }

    /// Sets a deadline, counted from now, instead of [`crate::deadline`].
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Instant::now() + deadline;
        self
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// When it is no longer there.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("our own child");
    }

    /// Waits for a line that fits, and skips all lines before it.
    ///
    /// # Panics
    ///
    /// When no line fits before the deadline, or before the program ends.
    #[track_caller]
    pub fn wait_for(&mut self, template: &str) -> Found {
        while let Some(line) = self.next_line() {
            let found = fit(template, &line);
            self.printed.push(line);
            if let Some(found) = found {
                return found;
            }
        }
        let printed = self.printed.join("\n");
        panic!("no line is {template:?}; it printed:\n{printed}");
    }

    /// Waits until it ends, and returns all that it has printed.
    ///
    /// # Panics
    ///
    /// When it has not ended in time.
    #[track_caller]
    pub fn end(mut self) -> Run {
        while let Some(line) = self.next_line() {
            self.printed.push(line);
        }
        let mut status = None;
        while status.is_none() && Instant::now() < self.deadline {
            status = self.child.try_wait().expect("our own child");
            thread::sleep(Duration::from_millis(2));
        }
        let printed = self.printed.join("\n");
        let Some(status) = status else {
            panic!("not done in time; it printed:\n{printed}");
        };
        Run {
            code: status.code(),
            lines: std::mem::take(&mut self.printed),
            ..Run::default()
        }
    }

    fn next_line(&mut self) -> Option<String> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.receiver.recv_timeout(left).ok()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
