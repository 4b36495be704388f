//! Runs a command as a reader would run it.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use mdbook_driver::errors::{Error, Result};

/// Runs a command to its end, and returns what a terminal would show: both
/// streams in the order in which they were written.
pub fn run(folder: &Path, words: &[&str]) -> Result<(ExitStatus, String)> {
    run_with(folder, words, &[])
}

/// The same with variables of the environment.
pub fn run_with(
    folder: &Path,
    words: &[&str],
    variables: &[(&str, &OsStr)],
) -> Result<(ExitStatus, String)> {
    let (mut output, stdout) = io::pipe()?;
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(folder);
    command.stdin(Stdio::null());
    command.stderr(stdout.try_clone()?).stdout(stdout);
    for name in ["RUST_BACKTRACE", "LESSON_PACE", "LESSON_TIMELINE"] {
        command.env_remove(name);
    }
    // Cargo's variables for this program are not for another.
    let of_cargo = env::vars_os().map(|(name, _)| name);
    for name in of_cargo.filter(|name| is_for_this_program(name)) {
        command.env_remove(name);
    }
    command.env("CARGO_TERM_COLOR", "never").envs(variables.iter().copied());
    let child = command.spawn();
    // It has ends of the pipe, which would not close before it is gone.
    drop(command);
    let mut bytes = Vec::new();
    let mut child = child.map_err(|error| {
        Error::msg(format!("cannot run {}: {error}", words[0]))
    })?;
    output.read_to_end(&mut bytes)?;
    Ok((child.wait()?, String::from_utf8_lossy(&bytes).into_owned()))
}

fn is_for_this_program(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_BIN_", "CARGO_MANIFEST_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn both_streams_stand_in_the_order_of_writing() {
        let script = "echo 1; echo 2 >&2; echo 3; exit 4";
        let (status, output) =
            run(Path::new("."), &["sh", "-c", script]).unwrap();
        assert_eq!((status.code(), output.as_str()), (Some(4), "1\n2\n3\n"));
    }
}
