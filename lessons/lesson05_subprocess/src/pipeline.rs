//! Commands in a pipe, and what a command starts with.

use std::error::Error;
use std::io::{Read, Seek, Write};

use subprocess::{Exec, ExitStatus, Pipeline, Redirection};

use crate::call::install;

// ANCHOR: pipeline
pub fn pipeline() -> Result<(), Box<dyn Error>> {
    let names = "Grace\nAda\nBarbara\nAlan\n";
    for letter in ["A", "X"] {
        let commands = Exec::cmd("sort")
            | Exec::cmd("grep").arg(letter)
            | Exec::cmd("wc").arg("-l");
        let (lines, codes) = run(commands.stdin(names))?;
        let lines = lines.trim();
        println!("$ sort | grep {letter} | wc -l: {lines} lines");
        println!("Exit codes: {}", codes.join(", "));
    }
    surroundings()?;
    files()
}

/// Runs the commands; returns the output and the exit code of each.
fn run(commands: Pipeline) -> Result<(String, Vec<String>), Box<dyn Error>> {
    let job = commands.stdout(Redirection::Pipe).start();
    let mut job = job.map_err(install("sort, grep or wc", "coreutils grep"))?;
    let (output, _) = job.communicate()?.read_string()?;
    let code = |status: ExitStatus| match status.code() {
        Some(code) => code.to_string(),
        None => status.to_string(),
    };
    let codes = job.processes.iter().map(|process| process.wait().map(code));
    Ok((output, codes.collect::<Result<_, _>>()?))
}
// ANCHOR_END: pipeline

// ANCHOR: surroundings
/// A child with its own environment and working directory.
fn surroundings() -> Result<(), Box<dyn Error>> {
    let output = Exec::cmd("sh")
        .args(["-c", r#"echo "$GREETING from $(pwd)""#])
        .env("GREETING", "Hello")
        .cwd("/")
        .capture()?;
    println!("sh: {}", output.stdout_str().trim_end());
    Ok(())
}
// ANCHOR_END: surroundings

// ANCHOR: files
/// A child that reads a file and writes a file. Neither file has a name.
fn files() -> Result<(), Box<dyn Error>> {
    let mut input = tempfile::tempfile()?;
    input.write_all(b"Grace\nAda\nBarbara\nAlan\n")?;
    input.rewind()?;
    let mut output = tempfile::tempfile()?;
    let status =
        Exec::cmd("sort").stdin(input).stdout(output.try_clone()?).join()?;
    output.rewind()?;
    let mut sorted = String::new();
    output.read_to_string(&mut sorted)?;
    println!("sort, file to file: {}", sorted.trim_end().replace('\n', ", "));
    assert!(status.success(), "sort ended with {status}");
    Ok(())
}
// ANCHOR_END: files
