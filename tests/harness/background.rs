//! A program that runs while the test goes on: it is listened to line by
//! line, signalled, and awaited.

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
/// assert_eq!(echo.wait_for("hello {who}").text("who"), "you");
/// assert_eq!(echo.end().code, Some(0));
/// ```
#[derive(Debug)]
pub struct Background {
    child: Child,
    says: Receiver<String>,
    said: Vec<String>,
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
        // Else our own ends of the pipe would stay open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (tell, says) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(out).lines();
            lines.map_while(Result::ok).try_for_each(|line| tell.send(line))
        });
        let deadline = Instant::now() + crate::deadline();
        Self { child, says, said: Vec::new(), deadline }
    }

    /// With this deadline, from now on, instead of [`crate::deadline`].
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

    /// Waits for a line that fits, and passes over all before it.
    ///
    /// # Panics
    ///
    /// When there is none in time, or it ends without.
    #[track_caller]
    pub fn wait_for(&mut self, template: &str) -> Found {
        while let Some(line) = self.next_line() {
            let found = fit(template, &line);
            self.said.push(line);
            if let Some(found) = found {
                return found;
            }
        }
        let said = self.said.join("\n");
        panic!("no line is {template:?}; it printed:\n{said}");
    }

    /// Waits until it ends; all that it has printed.
    ///
    /// # Panics
    ///
    /// When it has not ended in time.
    #[track_caller]
    pub fn end(mut self) -> Run {
        while let Some(line) = self.next_line() {
            self.said.push(line);
        }
        let mut status = None;
        while status.is_none() && Instant::now() < self.deadline {
            status = self.child.try_wait().expect("our own child");
            thread::sleep(Duration::from_millis(2));
        }
        let said = self.said.join("\n");
        let Some(status) = status else {
            panic!("not done in time; it printed:\n{said}");
        };
        Run {
            code: status.code(),
            lines: std::mem::take(&mut self.said),
            ..Run::default()
        }
    }

    fn next_line(&mut self) -> Option<String> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.says.recv_timeout(left).ok()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
