//! A process with two threads, and what its parent does to it.

use std::io::{self, Read};
use std::process::Stdio;
use std::thread;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shared::nap;

use crate::seen::look_until;

// ANCHOR: process
pub fn process() -> io::Result<()> {
    let mut child = shared::child("child", [""; 0])?;
    let mut child = child.stdin(Stdio::piped()).spawn()?;
    let pid = Pid::from_raw(child.id() as i32);
    show("waits", pid, "helper S, states S")?;
    kill(pid, Signal::SIGSTOP)?;
    show("stopped", pid, "helper T, states T")?;
    kill(pid, Signal::SIGCONT)?;
    show("goes on", pid, "helper S, states S")?;
    kill(pid, Signal::SIGKILL)?;
    show("killed", pid, "states Z")?;
    child.wait()?;
    show("reaped", pid, "")
}

/// Two threads that wait. It ends with its parent, even when it is stopped.
pub fn child(_: &[String]) -> io::Result<()> {
    set_pdeathsig(Signal::SIGKILL)?;
    let helper = thread::Builder::new().name("helper".into());
    helper.spawn(thread::park)?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
// ANCHOR_END: process

/// Looks until the child's threads are `wanted`. A reader may look as well.
fn show(what: &str, pid: Pid, wanted: &str) -> io::Result<()> {
    look_until(pid.as_raw() as u32, |found| {
        let found = found.iter().map(|(name, state)| format!("{name} {state}"));
        found.collect::<Vec<_>>().join(", ") == wanted
    })?;
    match wanted {
        "" => println!("child ({pid}), {what}: there is no such process"),
        _ => println!("child ({pid}), {what}: {wanted}"),
    }
    nap(0.5);
    Ok(())
}
