//! File I/O: a thread that waits for the disk.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::{env, process, thread};

use crate::strategies::{in_sequence, in_threads};
use crate::table::print_table;

const FILES: usize = 64;
const KIB: usize = 64;

// ANCHOR: files
pub fn files() -> io::Result<()> {
    println!("{FILES} files of {KIB} KiB, written through to the disk");
    let file = &write_and_read;
    print_table(
        "KiB",
        |a, b| a + b,
        &[
            ("sequence", &[1], &|_| in_sequence(FILES, file)),
            ("threads", &[4, 16], &|n| in_threads(FILES, n, file)),
        ],
    )
}

/// Writes a temporary file, waits until the disk has it, and reads it again.
fn write_and_read() -> io::Result<usize> {
    let name = format!("{}-{:?}", process::id(), thread::current().id());
    let path = env::temp_dir().join(name);
    let mut file = File::options();
    let file = file.read(true).write(true).create_new(true);
    let mut file = file.open(&path)?;
    fs::remove_file(path)?; // It exists as long as it is open.
    file.write_all(&vec![b'x'; KIB * 1024])?;
    file.sync_all()?;
    file.rewind()?;
    Ok(file.read_to_end(&mut Vec::new())? / 1024)
}
// ANCHOR_END: files
