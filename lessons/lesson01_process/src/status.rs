//! The exit status of a child, and SIGTERM: what std leaves to Unix.

use std::io;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
use std::process::Child;

// ANCHOR: exitcode_of
/// What Python calls `exitcode`: `None` while the child is alive, its code if
/// it exited by itself, and minus the signal if a signal ended it.
pub fn exitcode_of(child: &mut Child) -> io::Result<Option<i32>> {
    let Some(status) = child.try_wait()? else {
        return Ok(None);
    };
    #[cfg(unix)]
    if let Some(signal) = status.signal() {
        return Ok(Some(-signal));
    }
    Ok(status.code())
}

/// Asks a child to exit, with SIGTERM. `Child::kill` sends SIGKILL.
#[cfg(unix)]
pub fn terminate(child: &mut Child) -> io::Result<()> {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let pid = Pid::from_raw(child.id().cast_signed());
    Ok(kill(pid, Signal::SIGTERM)?)
}
// ANCHOR_END: exitcode_of

/// Where there are no signals, Python's `terminate` kills the child as well.
#[cfg(not(unix))]
pub fn terminate(child: &mut Child) -> io::Result<()> {
    child.kill()
}

/// An abort of this process should leave no core file.
pub fn disable_core_dump() -> io::Result<()> {
    #[cfg(unix)]
    nix::sys::resource::setrlimit(
        nix::sys::resource::Resource::RLIMIT_CORE,
        0,
        0,
    )?;
    Ok(())
}
