//! A deadlock: parent and child each wait until the other one reads.

use std::error::Error;
use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;

use shared::clock::at_pace;
use shared::timeline;

use crate::call::install;

/// Eight megabytes, in lines.
pub fn megabytes() -> Vec<u8> {
    b"0123456789abcde\n".repeat(512 * 1024)
}

// ANCHOR: written_before_read
/// The wrong way: writes all input to `cat` before it reads any output.
pub fn written_before_read() -> Result<(), Box<dyn Error>> {
    let input = megabytes();
    let mut cat = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(install("cat", "coreutils"))?;
    let stdin = cat.stdin.take().expect("it is piped");
    let (progress_tx, progress_rx) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(|| write_all(stdin, &input, progress_tx));
        let _span = timeline::waiting("waits until all is written");
        // A second without progress: the writer and `cat` are deadlocked.
        let mut written = 0;
        while let Ok(bytes) = progress_rx.recv_timeout(at_pace(1.0)) {
            written = bytes;
        }
        let size = input.len();
        println!("Written before read: stuck after {written} of {size} bytes");
        cat.kill()?;
        cat.wait()
    })?;
    Ok(())
}

/// Writes piece by piece and sends how many bytes are written, until all are
/// or the reader is gone.
fn write_all(mut stdin: ChildStdin, input: &[u8], progress: Sender<usize>) {
    timeline::lane("writer");
    let _span = timeline::waiting("waits for cat to read");
    let mut written = 0;
    for piece in input.chunks(4096) {
        if stdin.write_all(piece).is_err() {
            break; // A broken pipe: the reader is gone.
        }
        written += piece.len();
        let _ = progress.send(written); // The receiver may have given up.
    }
}
// ANCHOR_END: written_before_read
