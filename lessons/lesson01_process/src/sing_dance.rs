//! Singing and dancing: in sequence, then in two processes at once.

use std::error::Error;
use std::{io, process};

use shared::clock::Stopwatch;
use shared::{exit_when_parent_dies, nap, timeline};

// ANCHOR: sing_dance
pub fn sing_dance() -> io::Result<()> {
    let watch = Stopwatch::start();
    perform("Singing", 3);
    perform("Dancing", 3);
    println!("In sequence: {watch} s");

    let watch = Stopwatch::start();
    let mut singer = shared::child("sing", ["3"])?.spawn()?;
    let mut dancer = shared::child("dance", ["--num", "3"])?.spawn()?;
    let _span = timeline::waiting("waits for both");
    singer.wait()?;
    dancer.wait()?;
    println!("At once: {watch} s");
    Ok(())
}

/// A child with a positional argument: `sing 3`.
pub fn sing(args: &[String]) -> Result<(), Box<dyn Error>> {
    match args {
        [num] => {
            exit_when_parent_dies();
            perform("Singing", num.parse()?);
            Ok(())
        }
        _ => Err("usage: sing NUM".into()),
    }
}

/// A child with a named argument: `dance --num 3`.
pub fn dance(args: &[String]) -> Result<(), Box<dyn Error>> {
    match args {
        [name, num] if name == "--num" => {
            exit_when_parent_dies();
            perform("Dancing", num.parse()?);
            Ok(())
        }
        _ => Err("usage: dance --num NUM".into()),
    }
}

fn perform(what: &str, num: u32) {
    let me = process::id();
    for _ in 0..num {
        let _span = timeline::working(what);
        println!("{what}...... ({me})");
        nap(0.5);
    }
}
// ANCHOR_END: sing_dance
