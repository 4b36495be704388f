//! File I/O: a thread that waits for the disk.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use crate::done::Done;
use crate::strategies::{in_sequence, in_threads};
use crate::table::Table;

const FILES: usize = 64;
const KIB: usize = 64;

// ANCHOR: files
pub fn files() -> io::Result<()> {
    println!("{FILES} files of {KIB} KiB, written through to the disk");
    let mut table = Table::new("KiB", kib_of);
    table.row("sequence", 1, || in_sequence(FILES, write_and_read))?;
    for n in [4, 16] {
        table.row("threads", n, || in_threads(FILES, n, write_and_read))?;
    }
    Ok(())
}

/// Writes a temporary file, waits until the disk has it, and reads it again.
fn write_and_read() -> io::Result<usize> {
    let mut file: File = tempfile::tempfile()?;
    file.write_all(&vec![b'x'; KIB * 1024])?;
    file.sync_all()?;
    file.rewind()?;
    Ok(file.read_to_end(&mut Vec::new())? / 1024)
}
// ANCHOR_END: files

fn kib_of(done: &[Done]) -> usize {
    done.iter().map(|done| done.result).sum()
}
