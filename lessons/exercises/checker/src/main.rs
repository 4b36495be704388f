//! Checks one answer to one exercise, and prints the verdict as its last line:
//! `exercise_checker lesson08_lock solution`.
//!
//! It may hang or crash with a wrong answer: the package `exercises` starts it,
//! and ends it when its time is over.

#![allow(dead_code, reason = "the build for one exercise needs a part of it")]
#![allow(clippy::duplicate_mod, reason = "each answer has its own check")]

mod effort;
mod fork;
mod model;
mod model_std;
mod panics;
mod patience;

use std::panic;
use std::process::ExitCode;

/// An exercise, an answer, and the check of that answer.
type Check = (&'static str, &'static str, fn() -> Result<(), String>);

include!(concat!(env!("OUT_DIR"), "/answers.rs"));

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let check = CHECKS
        .iter()
        .find(|(exercise, answer, _)| args == [*exercise, *answer]);
    let Some((_, _, check)) = check else {
        eprintln!("exercise_checker: no such answer: {}", args.join(" "));
        return ExitCode::from(2);
    };
    end_with_parent();
    panics::install_hook();
    let result = panic::catch_unwind(check);
    match panics::verdict(result) {
        Ok(()) => println!("passed"),
        Err(line) => {
            println!("{line}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Ends this process when the one that started it is gone: on Linux at once,
/// elsewhere after a minute.
fn end_with_parent() {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)
        .expect("a valid signal");
    nix::unistd::alarm::set(60);
}
