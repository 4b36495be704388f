//! The processes of a measurement.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

/// One process of a measurement. It ends when its standard input does.
pub struct Process {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Process {
    /// The key is for it and those that it talks to.
    pub fn start(command: &mut Command, key: &str) -> io::Result<Self> {
        let command = command.env("LESSON_AUTHKEY", key);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let says = child.stdout.take().expect("it is piped");
        Ok(Self { child, says: BufReader::new(says) })
    }

    pub fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.says.read_line(&mut line)? {
            0 => Err(io::Error::other("a process of this benchmark failed")),
            _ => Ok(line.trim_end().into()),
        }
    }

    pub fn go(&mut self) -> io::Result<()> {
        self.child.stdin.as_mut().expect("it is piped").write_all(b"go\n")
    }

    pub fn end(mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        match self.child.wait()? {
            status if status.success() => Ok(()),
            status => Err(io::Error::other(format!("a process: {status}"))),
        }
    }
}
