//! Input and output of a child at the same time.

use std::error::Error;
use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;

use shared::clock::at_pace;
use shared::timeline;
use subprocess::Exec;

use crate::nslookup::{self, install};

pub fn communicate() -> Result<(), Box<dyn Error>> {
    nslookup::session()?;
    written_before_read()?;
    both_at_once()
}

/// Eight megabytes, in lines.
fn megabytes() -> Vec<u8> {
    b"0123456789abcde\n".repeat(512 * 1024)
}

// ANCHOR: written_before_read
/// The wrong way: writes all of it to `cat`, and would read the answer then.
fn written_before_read() -> Result<(), Box<dyn Error>> {
    let input = megabytes();
    let mut cat = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(install("cat", "coreutils"))?;
    let stdin = cat.stdin.take().expect("it is a pipe");
    let (tell, heard) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(|| write_all(stdin, &input, tell));
        let _span = timeline::waiting("waits until it is written");
        // A second without a single byte: they wait for each other.
        let mut written = 0;
        while let Ok(sum) = heard.recv_timeout(at_pace(1.0)) {
            written = sum;
        }
        let size = input.len();
        println!("Written before read: stuck after {written} of {size} bytes");
        end(&mut cat)
    })?;
    Ok(())
}

/// Writes piece by piece and tells how far it is, to the end or to the end of
/// whoever should read it.
fn write_all(mut stdin: ChildStdin, input: &[u8], tell: Sender<usize>) {
    timeline::lane("writer");
    let _span = timeline::waiting("waits for cat to read");
    let mut sum = 0;
    for piece in input.chunks(4096) {
        if stdin.write_all(piece).is_err() {
            break; // A broken pipe: the reader is gone.
        }
        sum += piece.len();
        let _ = tell.send(sum); // At the end nobody listens any more.
    }
}
// ANCHOR_END: written_before_read

fn end(child: &mut Child) -> io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}

// ANCHOR: both_at_once
/// The right way: reads both pipes while it writes the third.
fn both_at_once() -> Result<(), Box<dyn Error>> {
    let _span = timeline::working("both at once");
    let input = megabytes();
    let output = Exec::cmd("tee")
        .arg("/dev/stderr")
        .stdin(input.clone())
        .capture()
        .map_err(install("tee", "coreutils"))?;
    println!(
        "Both at once: wrote {}, read {} from stdout and {} from stderr",
        input.len(),
        output.stdout.len(),
        output.stderr.len()
    );
    assert!(output.success(), "tee ended with {}", output.exit_status);
    assert!(output.stdout == input && output.stderr == input, "all of it");
    Ok(())
}
// ANCHOR_END: both_at_once
