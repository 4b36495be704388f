//! The system calls behind the lesson.

use std::{fs, io};

use nix::unistd::{ForkResult, Pid};

// ANCHOR: fork
/// Copies this process: returns once in the parent and once in the child.
///
/// # Errors
///
/// If the system cannot create another process, and if this process has more
/// than one thread. The child would have only the thread that forks. A lock
/// that another thread holds would stay locked in the child forever.
pub fn fork() -> io::Result<ForkResult> {
    if num_threads::is_single_threaded() != Some(true) {
        let threads = num_threads::num_threads().map_or(0, |n| n.get());
        return Err(io::Error::other(format!(
            "fork refused: this process has {threads} threads, and the child \
             would have one; start a program instead (lesson01_process)"
        )));
    }
    // SAFETY: this is the only thread, so the child lacks no thread that could
    // hold a lock. The child may do whatever the parent may do.
    #[expect(unsafe_code, reason = "the system call that this lesson is about")]
    let forked = unsafe { nix::unistd::fork() };
    Ok(forked?)
}
// ANCHOR_END: fork

/// The state of a process, `Z` for a zombie; `None` if there is no such
/// process.
pub fn state(pid: Pid) -> io::Result<Option<char>> {
    if cfg!(target_os = "linux") {
        // 877 (lesson00_fork) Z 876 ...
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => Ok(stat.rsplit(") ").next().and_then(first_letter)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    } else {
        let pid = pid.to_string();
        let ps = std::process::Command::new("ps")
            .args(["-o", "stat=", "-p", &pid])
            .output()?;
        Ok(first_letter(&String::from_utf8_lossy(&ps.stdout)))
    }
}

fn first_letter(text: &str) -> Option<char> {
    text.trim().chars().next()
}

/// Lets this process adopt orphans among its descendants, as their nearest
/// subreaper. Only Linux has that; elsewhere init, process 1, adopts them.
pub fn set_child_subreaper() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    Ok(())
}
