//! Children that all must have started before the first may end.

use std::io::{self, PipeReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sys::wait::waitpid;

use super::answer::run_all;
use crate::patience::PATIENCE;

/// How long the children run after the last one has started.
const A_MOMENT: Duration = Duration::from_millis(200);

pub fn check() -> Result<(), String> {
    let ends = ["exit 3", "kill -KILL $$", "exit 0", "exit 1"];
    let expected = [Some(3), None, Some(0), Some(1)];
    let (at_gate, gate) = io::pipe().expect("a pipe");
    let (started, to_us) = io::pipe().expect("a pipe");
    let mut commands: Vec<_> = ends
        .into_iter()
        .map(|end| {
            let mut command = Command::new("sh");
            // It says that it has started, and waits for the end of its input.
            let script = format!("echo; read line; {end}");
            command.arg("-c").arg(script);
            command.stdin(at_gate.try_clone().expect("a second end"));
            command.stdout(to_us.try_clone().expect("a second end"));
            command.stderr(Stdio::null());
            command
        })
        .collect();
    drop(to_us);
    let (has_returned, returned) = mpsc::channel();
    let opener = thread::spawn(move || {
        wait_for(started, expected.len())?;
        let early = returned.recv_timeout(A_MOMENT).is_ok();
        drop(gate);
        match early {
            true => Err("it returned while the children ran".to_string()),
            false => Ok(()),
        }
    });
    let codes = run_all(&mut commands);
    let _ = has_returned.send(());
    drop(commands);
    let unreaped = waitpid(None, None);
    opener.join().expect("it only reads")?;
    if unreaped.is_ok() {
        return Err("a child is left that was not waited for".into());
    }
    if codes != expected {
        let ends = ends.join(", ");
        return Err(format!("{ends}: expected {expected:?}, got {codes:?}"));
    }
    Ok(())
}

/// Each child writes one byte.
fn wait_for(mut children: PipeReader, all: usize) -> Result<(), String> {
    let (sender, starts) = mpsc::channel();
    thread::spawn(move || {
        let mut byte = [0];
        while children.read_exact(&mut byte).is_ok() {
            let _ = sender.send(());
        }
    });
    for number in 0..all {
        if starts.recv_timeout(PATIENCE).is_err() {
            return Err(format!(
                "{number} of {all} children were started: the next one waits \
                 for the end of the one before"
            ));
        }
    }
    Ok(())
}
