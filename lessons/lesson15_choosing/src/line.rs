//! The line between a parent and its children: one pipe.

use std::io;
use std::process;
use std::thread;

/// The child's end of the line. This process ends when it is cut, however the
/// parent ends.
pub fn to_parent() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(1);
    });
}
