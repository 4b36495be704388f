//! Two children, and two ways to give them an argument.

use std::error::Error;
use std::{io, process};

use shared::{nap, timeline};

use crate::line;

// ANCHOR: both
pub fn both() -> io::Result<()> {
    let (mut sing, _sing_line) = line::start("sing", &["3"])?;
    let (mut dance, _dance_line) = line::start("dance", &["--num", "3"])?;
    let _span = timeline::waiting("waits for both");
    sing.wait()?;
    dance.wait()?;
    Ok(())
}

/// Takes its argument by its place: `sing 3`.
pub fn sing(args: &[String]) -> Result<(), Box<dyn Error>> {
    match args {
        [num] => show("Singing", num.parse()?),
        _ => return Err("usage: sing NUM".into()),
    }
    Ok(())
}

/// Takes its argument by its name: `dance --num 3`.
pub fn dance(args: &[String]) -> Result<(), Box<dyn Error>> {
    match args {
        [name, num] if name == "--num" => show("Dancing", num.parse()?),
        _ => return Err("usage: dance --num NUM".into()),
    }
    Ok(())
}

fn show(what: &str, num: u32) {
    let _parent = line::to_parent();
    let me = process::id();
    for _ in 0..num {
        let _span = timeline::working(what);
        println!("{what}...... ({me})");
        nap(0.5);
    }
}
// ANCHOR_END: both
