//! A little input, a lot of it, and commands that exit early or fail.

use std::process::Command;

use super::answer::filter;
use crate::patience::within;

pub fn check() -> Result<(), String> {
    let stuck = "stuck: the command waits for the end of its input, and filter \
                 waits for the command";
    expect(stuck, "cat", b"a little", Some(b"a little"))?;
    let lot = b"0123456789abcde\n".repeat(8 * 1024 * 1024 / 16);
    let stuck = "stuck: the command waits until its output is read, and \
                 filter waits until its input is read";
    expect(stuck, "cat", &lot, Some(&lot))?;
    let first = Some(&lot[..16]);
    expect("stuck: head -n 1 has exited", "head -n 1", &lot, first)?;
    let stuck = "stuck: the command has failed";
    expect(stuck, "cat; exit 3", b"a little", None)
}

/// `None` is an error.
fn expect(
    stuck: &str,
    script: &'static str,
    input: &[u8],
    expected: Option<&[u8]>,
) -> Result<(), String> {
    let input = input.to_vec();
    let size = input.len();
    let result = within(stuck, move || {
        filter(Command::new("sh").args(["-c", script]), &input)
    })?;
    let what = format!("{script:?} with {size} bytes of input");
    match (result, expected) {
        (Ok(output), Some(expected)) if output == expected => Ok(()),
        (Ok(output), Some(expected)) => Err(format!(
            "{what}: expected {} bytes of output, got {}",
            expected.len(),
            output.len()
        )),
        (Ok(_), None) => Err(format!("{what}: expected an error, got Ok")),
        (Err(_), None) => Ok(()),
        (Err(error), Some(_)) => Err(format!("{what}: got the error {error}")),
    }
}
