//! Six children end in six ways, one after the other.

use std::error::Error;
use std::io::{self, Write};
use std::process::{self, Child, Stdio};

use shared::exit_when_parent_dies;

use crate::status::{disable_core_dump, exitcode_of, terminate};

// ANCHOR: exitcode
const ENDINGS: [&str; 6] =
    ["return", "exit", "panic", "abort", "terminate", "kill"];

pub fn exitcode() -> io::Result<()> {
    let mut children = Vec::new();
    for ending in ENDINGS {
        let mut child = shared::child("ending", [ending])?;
        let child = child.stdin(Stdio::piped()).spawn()?;
        children.push((ending, child));
    }
    for (ending, child) in &mut children {
        println!("{}", state(ending, child)?);
    }
    while !children.is_empty() {
        let (ending, mut child) = children.remove(0);
        end(ending, &mut child)?;
        child.wait()?;
        let mut alive = 0;
        for (_, other) in &mut children {
            alive += usize::from(other.try_wait()?.is_none());
        }
        println!("{}; others alive: {alive}", state(ending, &mut child)?);
    }
    println!("Parent process {} is still running.", process::id());
    Ok(())
}

/// Ends a child, or tells it to end by itself.
fn end(ending: &str, child: &mut Child) -> io::Result<()> {
    match ending {
        "terminate" => terminate(child),
        "kill" => child.kill(),
        _ => {
            let stdin = child.stdin.as_mut().expect("it is piped");
            writeln!(stdin, "your turn")
        }
    }
}

fn state(ending: &str, child: &mut Child) -> io::Result<String> {
    let is_alive = child.try_wait()?.is_none();
    let alive = if is_alive { "alive" } else { "not alive" };
    let exitcode = exitcode_of(child)?;
    let exitcode = exitcode.map_or("None".into(), |code| code.to_string());
    Ok(format!("{ending} ({}): {alive}, exitcode {exitcode}", child.id()))
}

/// What each child runs.
pub fn ending(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_when_parent_dies();
    // Two of the six wait here until the parent ends them.
    io::stdin().read_line(&mut String::new())?;
    match args[0].as_str() {
        "exit" => process::exit(3),
        "panic" => panic!("I have had enough"),
        "abort" => {
            disable_core_dump()?;
            process::abort()
        }
        _ => Ok(()),
    }
}
// ANCHOR_END: exitcode
