//! How soon a page of the book can be read.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use mdbook_driver::errors::{Error, Result};

/// The seconds until a browser that has just been started, with nothing stored,
/// has loaded this address; `None` where there is no Chromium. `$CHROMIUM`
/// names another one.
pub fn seconds_to_load(address: &str) -> Result<Option<f64>> {
    let chromium = env::var_os("CHROMIUM").unwrap_or("chromium".into());
    let profile = tempfile::tempdir()?;
    let mut command = Command::new(chromium);
    // No sandbox, which root cannot have: the page is ours.
    command
        .args(["--headless", "--disable-gpu", "--no-sandbox", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(address)
        .stderr(Stdio::null());
    let start = Instant::now();
    let Ok(output) = command.output() else {
        return Ok(None);
    };
    let seconds = start.elapsed().as_secs_f64();
    match output.status.success() && output.stdout.starts_with(b"<") {
        true => Ok(Some(seconds)),
        false => Err(Error::msg(format!("{address}: the browser failed"))),
    }
}

/// The address of a lesson's chapter in a book that is built there.
pub fn address(book: &Path, lesson: &str) -> String {
    format!("file://{}/{lesson}.html", book.display())
}
