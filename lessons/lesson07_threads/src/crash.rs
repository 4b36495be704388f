//! A crash in one thread ends its process, with all other threads.

use std::process::{self, ExitStatus};
use std::sync::Barrier;
use std::{io, thread};

use shared::exit_when_parent_dies;

// ANCHOR: crash
pub fn crash() -> io::Result<()> {
    let status = shared::child("crash_in_a_thread", [""; 0])?.status()?;
    println!("parent: the child and its threads ended {}", ending(status));
    println!("parent: I am another process, and continue");
    Ok(())
}

/// What the child process runs: two threads, and one of them aborts.
pub fn crash_in_a_thread() -> io::Result<()> {
    exit_when_parent_dies();
    disable_core_dump()?;
    let at_work = &Barrier::new(2);
    thread::scope(|s| {
        s.spawn(|| {
            println!("child: Thread-1 works");
            at_work.wait();
            loop {
                thread::park();
            }
        });
        s.spawn(|| {
            at_work.wait();
            println!("child: Thread-2 aborts");
            process::abort()
        });
    });
    unreachable!("Thread-1 never returns");
}
// ANCHOR_END: crash

#[cfg(unix)]
fn ending(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(signal) => format!("by signal {signal}"),
        None => "without a signal".into(),
    }
}

#[cfg(not(unix))]
fn ending(status: ExitStatus) -> String {
    format!("with {status}")
}

/// An abort should leave no core file.
fn disable_core_dump() -> io::Result<()> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, setrlimit};
        setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    }
    Ok(())
}
