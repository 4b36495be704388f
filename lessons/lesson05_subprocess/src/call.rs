//! A program is run, and its exit code read.

use std::error::Error;
use std::io;
use std::process::Command;

use shared::MissingDependency;

// ANCHOR: call
pub fn call() -> Result<(), Box<dyn Error>> {
    for file in [".", "no_such_file"] {
        println!("$ ls {file}");
        let status = Command::new("ls")
            .arg(file)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
            .status()
            .map_err(install("ls", "coreutils"))?;
        println!("{}", describe(status.code()));
    }
    Ok(())
}

pub fn describe(code: Option<i32>) -> String {
    code.map_or("Ended by a signal".into(), |code| format!("Exit code: {code}"))
}
// ANCHOR_END: call

// ANCHOR: install
/// The error "not found" names no program. This one does, and says what to
/// install.
pub fn install(
    program: &str,
    package: &str,
) -> impl FnOnce(io::Error) -> Box<dyn Error> {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => Box::new(MissingDependency(format!(
            "there is no {program} on this machine; \
             install it (on Debian: apt-get install {package})"
        ))),
        _ => error.into(),
    }
}
// ANCHOR_END: install
