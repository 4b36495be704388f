//! # The exercises
//!
//! Lists them with their state, checks an answer, shows a hint, and brings an
//! exercise back to its beginning.
//!
//! Run: `cargo run -p exercises`
//! Check one: `cargo test -p exercises lesson08`

mod checker;
mod exercise;
mod prove;

use std::error::Error;
use std::process::ExitCode;
use std::{env, fs};

use checker::Checker;
use exercise::Exercise;

const USAGE: &str = "\
usage: cargo run -p exercises                    all exercises and their state
       cargo test -p exercises lesson08          check one
       cargo run -p exercises -- hint lesson08   a hint
       cargo run -p exercises -- reset lesson08  start again
       cargo run -p exercises -- prove           check all solutions and wrong
                                                 answers; --all: 100 and 20 times";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match execute(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(args: &[&str]) -> Result<ExitCode> {
    match args {
        // `cargo test --workspace` names no exercise: it checks none.
        [] if cfg!(test) => Ok(ExitCode::SUCCESS),
        [option, ..] if cfg!(test) && option.starts_with('-') => {
            Ok(ExitCode::SUCCESS)
        }
        [] => list(),
        ["hint", name] => {
            print!("{}", exercise::find(name)?[0].hint()?);
            Ok(ExitCode::SUCCESS)
        }
        ["reset", name] => reset(&exercise::find(name)?[0]),
        ["prove", options @ ..] => prove(options),
        [name] if !name.starts_with('-') => check(&exercise::find(name)?[0]),
        _ => Err(USAGE.into()),
    }
}

/// Checks the reader's answer.
fn check(exercise: &Exercise) -> Result<ExitCode> {
    let checker = Checker::build(Some(exercise))?;
    if let Err(line) = checker.check(exercise, "src")? {
        return Err(format!("{exercise}: {line}").into());
    }
    println!("{exercise}: passed");
    Ok(ExitCode::SUCCESS)
}

/// Brings one exercise back to its beginning.
fn reset(exercise: &Exercise) -> Result<ExitCode> {
    fs::copy(exercise.unsolved(), exercise.answer())?;
    println!("{exercise}: not started");
    Ok(ExitCode::SUCCESS)
}

/// Checks the solutions and the wrong answers: `prove [lesson08] [--all]`.
fn prove(options: &[&str]) -> Result<ExitCode> {
    let is_all = options.contains(&"--all");
    let (solution, wrong) = if is_all { (100, 20) } else { (1, 1) };
    let runs = prove::Runs { solution, wrong };
    let mut names = options.iter().filter(|option| **option != "--all");
    match names.next() {
        Some(name) => prove::prove(&exercise::find(name)?, &runs)?,
        None => prove::prove(&exercise::all()?, &runs)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Every exercise with its state, and what to do next.
fn list() -> Result<ExitCode> {
    let exercises = exercise::all()?;
    let mut passed = 0;
    let mut next = None;
    for exercise in &exercises {
        let state = state(exercise)?;
        println!("{:<27} {state}", exercise.to_string());
        match state.as_str() {
            "passed" => passed += 1,
            _ => next = next.or(Some(exercise)),
        }
    }
    println!("\n{passed} of {} passed", exercises.len());
    if let Some(next) = next {
        println!(
            "Next: edit lessons/exercises/src/{next}.rs, then\n\
             cargo test -p exercises {next}"
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn state(exercise: &Exercise) -> Result<String> {
    if !exercise.is_started() {
        return Ok("not started".into());
    }
    let Ok(checker) = Checker::build(Some(exercise)) else {
        return Ok("failing: it does not compile".into());
    };
    Ok(match checker.check(exercise, "src")? {
        Ok(()) => "passed".into(),
        Err(line) => format!("failing: {line}"),
    })
}
