//! Four parents end in four ways, and their daemon children with them.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ExitStatus, Stdio};

use shared::{nap, timeline};

const WAYS: [&str; 4] = ["return", "panic", "Ctrl-C", "SIGKILL"];

// ANCHOR: daemon
pub fn daemon() -> io::Result<()> {
    #[cfg(unix)]
    crate::system::set_child_subreaper(true)?;
    for way in WAYS {
        let span = timeline::waiting("watches both");
        let mut parent = shared::child("parent", [way])?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // A panic prints its message there.
            .spawn()?;
        let output = parent.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().expect("the worker has started")?;
        println!("{first}");
        nap(1.0);
        let code = end(&mut parent, way)?;
        // The worker holds the pipe too, so this ends after both have exited.
        for line in lines {
            let line = line?;
            println!("{line}");
            assert!(!line.contains("ends at"), "its work was cut short");
        }
        drop(span);
        println!("{way}: the parent ended with {code}, its child with it");
    }
    #[cfg(unix)]
    crate::system::reap_all()?;
    #[cfg(unix)]
    crate::system::set_child_subreaper(false)?;
    Ok(())
}

fn end(parent: &mut Child, way: &str) -> io::Result<i32> {
    match way {
        "Ctrl-C" => interrupt(parent)?,
        "SIGKILL" => parent.kill()?,
        _ => drop(parent.stdin.take()), // It reads the end of its input.
    }
    let status = parent.wait()?;
    timeline::process_exited(parent.id());
    Ok(exit_code(status))
}
// ANCHOR_END: daemon

/// Does what Ctrl-C in a terminal does, to one process.
#[cfg(unix)]
fn interrupt(child: &Child) -> io::Result<()> {
    use nix::{sys::signal, unistd::Pid};
    let pid = Pid::from_raw(child.id() as i32);
    Ok(signal::kill(pid, signal::SIGINT)?)
}

#[cfg(not(unix))]
fn interrupt(child: &mut Child) -> io::Result<()> {
    println!(
        "Ctrl-C: only Unix can send it to one process; ended like SIGKILL"
    );
    child.kill()
}

/// The status as in Python: a signal is a negative number.
fn exit_code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|number| -number));
    code.expect("it has ended, by itself or by a signal")
}
