//! # Lesson 5: Subprocess
//!
//! A child can be any program: `ls`, `nslookup`, a shell. The parent gives it
//! arguments, input, an environment and a timeout, and gets its output, its
//! errors and its exit code. Each thing that can go wrong is shown.
//!
//! Python: `subprocess.call(['nslookup', 'www.python.org'])`
//! Run: `cargo run -p lesson05_subprocess`

mod call;
mod communicate;
#[cfg(unix)]
mod failures;
mod full_pipes;
#[cfg(unix)]
mod grandchild;
mod nslookup;
mod pipeline;
mod responder;
#[cfg(unix)]
mod status;
#[cfg(unix)]
mod timeout;

use std::process::ExitCode;

use shared::Lesson;

fn main() -> ExitCode {
    let lesson = Lesson::new("lesson05_subprocess", "Subprocess: any program")
        .part("call", "run ls, and look at its exit code", call::call)
        .part("nslookup", "a real program asks for a name", nslookup::nslookup)
        .part("communicate", "both ways at once", communicate::communicate)
        .part("pipeline", "three commands in a pipe", pipeline::pipeline)
        .part("failures", "what can go wrong", failures::failures)
        .option("server", "ADDR", "ask this DNS server, or \"system\": yours")
        .role("responder", responder::responder);
    #[cfg(unix)]
    let lesson = lesson
        .role("child", grandchild::child)
        .role("grandchild", grandchild::grandchild);
    lesson.run()
}

/// Signals and process groups belong to Unix.
#[cfg(not(unix))]
mod failures {
    pub fn failures() -> std::io::Result<()> {
        Err(std::io::Error::other("this part needs Unix"))
    }
}
