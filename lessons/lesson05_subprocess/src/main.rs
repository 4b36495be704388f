//! # Lesson 5: Subprocess
//!
//! A child can be any program: `ls`, `nslookup`, a shell. We give it arguments,
//! input, an environment and a time limit, and get its output, its errors and
//! its exit code back; what can go wrong with it is shown line by line.
//!
//! Python: `subprocess.call(['nslookup', 'www.python.org'])`
//! Run: `cargo run -p lesson05_subprocess`

mod communicate;
#[cfg(unix)]
mod failures;
mod nslookup;
mod pipeline;
mod responder;

use std::error::Error;
use std::process::{Command, ExitCode};

use nslookup::{install, shown};
use shared::Lesson;

fn main() -> ExitCode {
    let lesson = Lesson::new("lesson05_subprocess", "Subprocess: any program")
        .part("call", "run ls, and look at its exit code", call)
        .part("nslookup", "a real program asks for a name", nslookup::nslookup)
        .part("communicate", "both ways at once", communicate::communicate)
        .part("pipeline", "three commands in a pipe", pipeline::pipeline)
        .part("failures", "what can go wrong", failures::failures)
        .option("server", "ADDR", "ask this DNS server and not our own")
        .role("responder", responder::responder);
    #[cfg(unix)]
    let lesson = lesson
        .role("child", failures::child)
        .role("grandchild", failures::grandchild);
    lesson.run()
}

// ANCHOR: call
fn call() -> Result<(), Box<dyn Error>> {
    for file in [".", "no_such_file"] {
        println!("$ ls {file}");
        let status = Command::new("ls")
            .arg(file)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
            .status()
            .map_err(install("ls", "coreutils"))?;
        println!("{}", shown(status.code()));
    }
    Ok(())
}
// ANCHOR_END: call

/// Signals and process groups belong to Unix.
#[cfg(not(unix))]
mod failures {
    pub fn failures() -> std::io::Result<()> {
        Err(std::io::Error::other("this part needs Unix"))
    }
}
