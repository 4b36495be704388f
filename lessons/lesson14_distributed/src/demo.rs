//! A master and three workers, each a process of its own.

use std::error::Error;
use std::process::Stdio;

use pymanagers::Key;
use shared::timeline;

use crate::master::{Master, exit};
use crate::options::{KEY_VARIABLE, MASTER, Options};

const WORKERS: [&str; 3] = ["worker-1", "worker-2", "worker-3"];

// ANCHOR: demo
/// This process is the master, and its children are the workers.
pub fn demo() -> Result<(), Box<dyn Error>> {
    timeline::lane("master");
    let (_, key) = Key::random();
    let args = ["--listen", "127.0.0.1:0", "--authkey", &key];
    let args = args.map(String::from);
    let mut master = Master::open(&Options::read(MASTER, &args)?)?;
    master.put_tasks()?;
    let address = master.address.clone().expect("it listens");
    let mut workers = Vec::new();
    for name in WORKERS {
        let child = shared::child("worker", ["--connect", &address])?
            .args(["--name", name])
            .env(KEY_VARIABLE, &key)
            .stdin(Stdio::null())
            .spawn()?;
        workers.push(child);
    }
    master.collect()?;
    master.close()?; // The workers exit.
    for mut worker in workers {
        let status = worker.wait()?;
        if !status.success() {
            return Err(format!("a child has failed: {status}").into());
        }
    }
    exit();
    Ok(())
}
// ANCHOR_END: demo
