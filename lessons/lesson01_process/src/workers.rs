//! Three children at once.

use std::error::Error;
use std::io::{self, Write};
use std::thread;

use shared::{nap, timeline};

use crate::line;

// ANCHOR: workers
pub fn workers() -> io::Result<()> {
    let mut children = Vec::new();
    let workers = [["2", "aaa1"], ["3", "bbb2"], ["4", "ccc3"]];
    for (k, args) in (1..).zip(&workers) {
        let (child, line) = line::start("worker", args)?;
        children.push((format!("Process-{k}"), child, line));
    }
    println!("The number of CPU is: {}", thread::available_parallelism()?);
    for (name, child, _) in &mut children {
        if child.try_wait()?.is_none() {
            println!("child   p.name:{name}\tp.id{}", child.id());
        }
    }
    println!("END!!!!!!!!!!!!!!!!!");
    for (_, _, line) in &mut children {
        writeln!(line, "listed")?;
    }

    let _span = timeline::waiting("waits for all three");
    for (_, child, _) in &mut children {
        child.wait()?;
    }
    Ok(())
}

/// The child's part of it.
pub fn worker(args: &[String]) -> Result<(), Box<dyn Error>> {
    let (interval, name) = (args[0].parse()?, &args[1]);
    let parent = line::to_parent();
    timeline::lane(name);
    let _span = timeline::working("works");
    println!("{name}【start】");
    nap(interval);
    parent.recv()?; // Not before the parent has listed us.
    println!("{name}【end】");
    Ok(())
}
// ANCHOR_END: workers
