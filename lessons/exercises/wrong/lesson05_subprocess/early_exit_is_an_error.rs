use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread;

/// Returns the output of a command for this input.
pub fn filter(command: &mut Command, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    let output = thread::scope(|s| {
        let writer = s.spawn(move || stdin.write_all(input));
        let output = child.wait_with_output()?;
        writer.join().unwrap()?;
        Ok::<_, io::Error>(output)
    })?;
    if !output.status.success() {
        return Err(io::Error::other(output.status.to_string()));
    }
    Ok(output.stdout)
}
