//! How a child ends, and how its parent learns of it.

use std::error::Error;
use std::io::{self, Write};
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Child, Stdio};

use shared::exit_when_parent_dies;

/// A child, and the way it will end.
struct Member {
    ending: &'static str,
    child: Child,
}

// ANCHOR: exitcode
pub fn exitcode() -> io::Result<()> {
    let mut alive = Vec::new();
    for ending in ["return", "exit", "panic", "terminate", "kill"] {
        let mut child = shared::child("ending", [ending])?;
        let child = child.stdin(Stdio::piped()).spawn()?;
        alive.push(Member { ending, child });
    }
    for member in &mut alive {
        println!("{}", state(member)?);
    }
    while !alive.is_empty() {
        let mut member = alive.remove(0);
        end(&mut member)?;
        member.child.wait()?;
        let mut others = 0;
        for other in &mut alive {
            others += usize::from(other.child.try_wait()?.is_none());
        }
        println!("{}; others alive: {others}", state(&mut member)?);
    }
    println!("Parent process {} goes on.", process::id());
    Ok(())
}

fn end(member: &mut Member) -> io::Result<()> {
    match member.ending {
        "terminate" => terminate(&mut member.child),
        "kill" => member.child.kill(),
        _ => {
            let stdin = member.child.stdin.as_mut().expect("it is piped");
            writeln!(stdin, "your turn")
        }
    }
}

/// The child's part of it.
pub fn ending(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_when_parent_dies();
    // Two of the five will wait here until their end.
    io::stdin().read_line(&mut String::new())?;
    match args[0].as_str() {
        "exit" => process::exit(3),
        "panic" => panic!("I have had enough"),
        _ => Ok(()),
    }
}
// ANCHOR_END: exitcode

// ANCHOR: state
fn state(member: &mut Member) -> io::Result<String> {
    let is_alive = member.child.try_wait()?.is_none();
    let is_alive = if is_alive { "alive" } else { "not alive" };
    let exitcode = exitcode_of(&mut member.child)?;
    let exitcode = exitcode.map_or("None".into(), |code| code.to_string());
    let ending = member.ending;
    let pid = member.child.id();
    Ok(format!("{ending} ({pid}): {is_alive}, exitcode {exitcode}"))
}

/// What Python calls `exitcode`: nothing while the child is alive, its status
/// when it has ended by itself, and minus the signal that has ended it.
fn exitcode_of(child: &mut Child) -> io::Result<Option<i32>> {
    let Some(status) = child.try_wait()? else {
        return Ok(None);
    };
    #[cfg(unix)]
    if let Some(signal) = status.signal() {
        return Ok(Some(-signal));
    }
    Ok(status.code())
}

/// Asks a child to end, with SIGTERM. `Child::kill` does not ask.
#[cfg(unix)]
fn terminate(child: &mut Child) -> io::Result<()> {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let pid = Pid::from_raw(child.id().cast_signed());
    Ok(kill(pid, Signal::SIGTERM)?)
}

/// Where there are no signals, Python's `terminate` kills as well.
#[cfg(not(unix))]
fn terminate(child: &mut Child) -> io::Result<()> {
    child.kill()
}
// ANCHOR_END: state
