//! Three children at once.

use std::error::Error;
use std::io::{self, Write};
use std::process::Stdio;
use std::thread;

use shared::{exit_when_parent_dies, nap, timeline};

// ANCHOR: workers
pub fn workers() -> io::Result<()> {
    let mut children = Vec::new();
    let workers = [["2", "aaa1"], ["3", "bbb2"], ["4", "ccc3"]];
    for (k, args) in (1..).zip(&workers) {
        let mut child = shared::child("worker", args)?;
        let child = child.stdin(Stdio::piped()).spawn()?;
        children.push((format!("Process-{k}"), child));
    }
    println!("The number of CPU is: {}", thread::available_parallelism()?);
    for (name, child) in &mut children {
        if child.try_wait()?.is_none() {
            println!("child   p.name:{name}\tp.id{}", child.id());
        }
    }
    println!("END!!!!!!!!!!!!!!!!!");
    for (_, child) in &mut children {
        let stdin = child.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "listed")?;
    }

    let _span = timeline::waiting("waits for all three");
    for (_, child) in &mut children {
        child.wait()?;
    }
    Ok(())
}

/// What each child runs.
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_when_parent_dies();
    let interval = args[0].parse()?;
    let name = &args[1];
    timeline::lane(name);
    let _span = timeline::working("works");
    println!("{name}【start】");
    nap(interval);
    // A worker ends only after the parent has listed it.
    io::stdin().read_line(&mut String::new())?;
    println!("{name}【end】");
    Ok(())
}
// ANCHOR_END: workers
