use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread;

/// Returns the output of a command for this input.
pub fn filter(command: &mut Command, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    let output = thread::scope(|s| {
        s.spawn(move || {
            // An error: the command has exited before it read everything.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output()
    })?;
    Ok(output.stdout)
}
