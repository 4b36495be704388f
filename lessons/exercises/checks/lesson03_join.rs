//! A thread that waits at a gate, and one that panics.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::answer::{Handle, Joined, join_timeout, spawn};
use crate::effort::assert_blocks;
use crate::patience::within;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

pub fn check() -> Result<(), String> {
    let (open, gate) = mpsc::channel();
    let at_gate = spawn(move || gate.recv().is_ok());
    let began = Instant::now();
    let joined = assert_blocks(SHORT, || join_timeout(at_gate, SHORT))?;
    let waited = began.elapsed();
    let at_gate = expect_timeout(joined)?;
    if waited < SHORT {
        return Err(format!("timeout {SHORT:?}: it returned after {waited:?}"));
    }
    let at_gate = expect_timeout(join_timeout(at_gate, Duration::ZERO))?;
    let opener = thread::spawn(move || open.send(()));
    let stuck = "stuck: the thread has ended, and join_timeout still waits";
    match within(stuck, move || join_timeout(at_gate, LONG))? {
        Joined::Returned(true) => drop(opener),
        Joined::Returned(false) => return Err("wrong value".into()),
        Joined::Panicked => return Err("expected Returned: Panicked".into()),
        Joined::TimedOut(_) => {
            return Err("the thread that timed out cannot be joined again: \
                        expected Returned, got TimedOut"
                .into());
        }
    }
    let panics = spawn(|| panic!("in the thread"));
    match within(stuck, move || join_timeout(panics, LONG))? {
        Joined::Panicked => Ok(()),
        Joined::Returned(()) => Err("the thread panicked: got Returned".into()),
        Joined::TimedOut(_) => {
            Err("the thread panicked: expected Panicked, got TimedOut".into())
        }
    }
}

fn expect_timeout<T>(joined: Joined<T>) -> Result<Handle<T>, String> {
    match joined {
        Joined::TimedOut(handle) => Ok(handle),
        Joined::Returned(_) => {
            Err("the thread still runs: got Returned".into())
        }
        Joined::Panicked => Err("the thread still runs: got Panicked".into()),
    }
}
