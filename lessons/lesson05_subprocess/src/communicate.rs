//! Input and output of a child at the same time.

use std::error::Error;

use shared::timeline;
use subprocess::Exec;

use crate::call::{describe, install};
use crate::full_pipes::{megabytes, written_before_read};
use crate::nslookup::arguments;

pub fn communicate() -> Result<(), Box<dyn Error>> {
    session()?;
    written_before_read()?;
    both_at_once()
}

// ANCHOR: session
/// Sends the commands that a person would type, all at once.
fn session() -> Result<(), Box<dyn Error>> {
    let arguments = arguments("-")?;
    println!("$ nslookup");
    let output = Exec::cmd("nslookup")
        .args(arguments)
        .stdin("set q=mx\npython.org\nexit\n")
        .capture()
        .map_err(install("nslookup", "bind9-dnsutils"))?;
    println!("{}", output.stdout_str());
    println!("Error: {}", output.stderr_str());
    let code = output.exit_status.code().map(|code| code as i32);
    println!("{}", describe(code));
    Ok(())
}
// ANCHOR_END: session

// ANCHOR: both_at_once
/// The right way: reads both pipes while it writes to the third.
fn both_at_once() -> Result<(), Box<dyn Error>> {
    let _span = timeline::working("both at once");
    let input = megabytes();
    let output = Exec::cmd("tee")
        .arg("/dev/stderr")
        .stdin(input.clone())
        .capture()
        .map_err(install("tee", "coreutils"))?;
    println!(
        "Both at once: wrote {}, read {} from stdout and {} from stderr",
        input.len(),
        output.stdout.len(),
        output.stderr.len()
    );
    assert!(output.success(), "tee ended with {}", output.exit_status);
    assert!(output.stdout == input && output.stderr == input, "all of it");
    Ok(())
}
// ANCHOR_END: both_at_once
