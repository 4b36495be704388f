//! A master and three workers, each a process of its own.

use std::error::Error;
use std::io;
use std::process::{Child, Stdio};

use pymanagers::Key;
use shared::timeline;

use crate::master::Master;
use crate::options::{self, KEY_VARIABLE};

const WORKERS: [&str; 3] = ["worker-1", "worker-2", "worker-3"];

// ANCHOR: demo
/// This process is the master, and its children are the workers.
pub fn demo() -> Result<(), Box<dyn Error>> {
    timeline::lane("master");
    let (_, key) = Key::random();
    let mut master = Master::open(options::Master::demo(&key))?;
    master.put_tasks()?;
    let address = master.address().expect("it listens");
    let mut workers = Crew::default();
    for name in WORKERS {
        let child = shared::child("worker", ["--connect", &address])?
            .args(["--name", name])
            .env(KEY_VARIABLE, &key)
            .stdin(Stdio::null())
            .spawn()?;
        workers.0.push(child);
    }
    master.collect()?;
    master.close()?; // The workers hear that they may leave.
    workers.join()?;
    master.exit();
    Ok(())
}
// ANCHOR_END: demo

/// Workers that do not outlive the master.
#[derive(Default)]
struct Crew(Vec<Child>);

impl Crew {
    fn join(&mut self) -> io::Result<()> {
        for child in &mut self.0 {
            let status = child.wait()?;
            if !status.success() {
                let what = format!("a child has failed: {status}");
                return Err(io::Error::other(what));
            }
        }
        Ok(())
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
