//! Two children, and two ways to give them an argument.

use std::error::Error;
use std::{io, process};

use shared::{exit_when_parent_dies, nap, timeline};

// ANCHOR: both
pub fn both() -> io::Result<()> {
    let mut sing = shared::child("sing", ["3"])?.spawn()?;
    let mut dance = shared::child("dance", ["--num", "3"])?.spawn()?;
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
    exit_when_parent_dies();
    let me = process::id();
    for _ in 0..num {
        let _span = timeline::working(what);
        println!("{what}...... ({me})");
        nap(0.5);
    }
}
// ANCHOR_END: both
