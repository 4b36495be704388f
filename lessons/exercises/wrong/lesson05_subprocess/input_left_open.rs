use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

/// Returns the output of a command for this input.
pub fn filter(command: &mut Command, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut output = Vec::new();
    thread::scope(|s| {
        s.spawn(|| {
            let _ = stdin.write_all(input);
        });
        stdout.read_to_end(&mut output)
    })?;
    let status = child.wait()?;
    if !status.success() {
        return Err(io::Error::other(status.to_string()));
    }
    Ok(output)
}
