//! A pipe that is full blocks its writer.

use std::fs::File;
use std::io::{self, BufReader, PipeWriter, Write};
use std::process::{self, Stdio};

use rustix::io::{ioctl_fionbio, ioctl_fionread};
use shared::{child, nap, timeline};

use crate::process::{join, next_line, standard_input};

// ANCHOR: full
/// A full pipe, and a child that writes one more byte.
pub fn full() -> io::Result<()> {
    timeline::lane("parent");
    let me = process::id();
    let (mut from_child, mut to_parent) = io::pipe()?;
    let room = fill(&mut to_parent)?;
    println!("parent ({me}): the pipe is full after {room} bytes.");
    let mut writer = child("one_byte_more", [""; 0])?
        .stdin(to_parent)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = BufReader::new(writer.stdout.take().expect("piped"));
    println!("{}", next_line(&mut output)?);

    let working = timeline::working("does something else");
    nap(1.0);
    drop(working);
    let more = output.buffer().len() as u64 + ioctl_fionread(output.get_ref())?;
    assert_eq!(more, 0, "the write is blocked");

    println!("parent ({me}): I read.");
    let read = io::copy(&mut from_child, &mut io::sink())?;
    println!("{}", next_line(&mut output)?);
    println!("parent ({me}): I have read {read} bytes.");
    join(writer)
}

/// Writes until the pipe is full, and returns how many bytes it holds.
fn fill(pipe: &mut PipeWriter) -> io::Result<usize> {
    ioctl_fionbio(&*pipe, true)?; // A full pipe is then an error.
    let mut room = 0;
    loop {
        match pipe.write(&[0; 4096]) {
            Ok(written) => room += written,
            Err(full) if full.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    ioctl_fionbio(&*pipe, false)?;
    Ok(room)
}

pub fn one_byte_more(_: &[String]) -> io::Result<()> {
    timeline::lane("child");
    let me = process::id();
    let mut pipe = File::from(standard_input()?);
    println!("child ({me}): one more byte...");
    let waiting = timeline::waiting("the pipe is full");
    pipe.write_all(b"!")?;
    drop(waiting);
    println!("child ({me}): it is written.");
    Ok(())
}
// ANCHOR_END: full
