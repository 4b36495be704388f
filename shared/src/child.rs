//! This very program again, as a child in another role.

use std::ffi::OsStr;
use std::io::{self, PipeReader, PipeWriter};
use std::process::{self, Command};
use std::sync::OnceLock;
use std::{env, thread};

use crate::{clock, system, timeline};

/// Tells a child which of its open files is the pipe to its parent.
const PIPE_VARIABLE: &str = "LESSON_PARENT_PIPE";

/// A [`Command`] that runs this program again, as a child in `role`.
///
/// The role is one of those that the lesson's `main` names next to its parts.
/// The child inherits the pace, the timeline, and a pipe to this process (see
/// [`exit_when_parent_dies`]).
///
/// # Errors
///
/// When the system cannot say which program this is, or has no pipe left.
///
/// ```standalone_crate
/// use std::process::ExitCode;
/// use shared::Lesson;
///
/// fn main() -> ExitCode {
///     Lesson::new("hello", "A child says hello")
///         .part("hello", "start a child and wait for it", hello)
///         .role("run_child", run_child)
///         .run()
/// }
///
/// fn hello() -> std::io::Result<()> {
///     let mut child = shared::child("run_child", ["test"])?.spawn()?;
///     let status = child.wait()?;
///     assert!(status.success());
///     Ok(())
/// }
///
/// fn run_child(args: &[String]) {
///     println!("child {} says hello to {}", std::process::id(), args[0]);
/// }
/// ```
pub fn child<I, S>(role: &str, args: I) -> io::Result<Command>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(env::current_exe()?);
    command.arg(role).args(args);
    command.env(clock::PACE_VARIABLE, clock::pace().to_string());
    command.envs(timeline::inherited());
    let (from_parent, _) = pipe_to_children()?;
    if let Some(fd) = system::descriptor(from_parent) {
        command.env(PIPE_VARIABLE, fd.to_string());
    }
    Ok(command)
}

/// One pipe for all children of this process. Nothing is ever written to it:
/// the system closes its writing end when this process ends, however it ends.
fn pipe_to_children() -> io::Result<&'static (PipeReader, PipeWriter)> {
    static PIPE: OnceLock<(PipeReader, PipeWriter)> = OnceLock::new();
    if PIPE.get().is_none() {
        let (from_parent, to_children) = io::pipe()?;
        system::keep_open_in_children(&from_parent)?;
        // Another thread may have been faster.
        let _ = PIPE.set((from_parent, to_children));
    }
    Ok(PIPE.get().expect("it has just been set"))
}

/// Ends this child when its parent dies, however it dies, even by SIGKILL.
///
/// A thread waits for the end of the pipe to the parent. It comes at once when
/// the parent has already died. A program that [`child`] did not start has no
/// such pipe, and nothing ends it; nor does it outside Unix.
///
/// ```
/// fn worker(args: &[String]) {
///     shared::exit_when_parent_dies();
///     println!("{} works", args[0]);
/// }
/// # worker(&["child".into()]);
/// ```
pub fn exit_when_parent_dies() {
    let Some(mut pipe) = pipe_to_parent() else {
        return;
    };
    thread::spawn(move || {
        let _ = io::copy(&mut pipe, &mut io::sink());
        process::exit(1);
    });
}

fn pipe_to_parent() -> Option<std::fs::File> {
    let fd = env::var(PIPE_VARIABLE).ok()?.parse().ok()?;
    system::inherited_file(fd)
}
