//! A master and three workers, each a process of its own.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, stdin};
use std::process::{self, Child, ChildStdout, Stdio};
use std::sync::mpsc;
use std::thread;

use pymanagers::Key;
use shared::timeline;

use crate::options::{self, KEY_VARIABLE};

const WORKERS: [&str; 3] = ["worker-1", "worker-2", "worker-3"];

// ANCHOR: demo
pub fn demo() -> Result<(), Box<dyn Error>> {
    let (_, key) = Key::random();
    let mut master = shared::child("demo_master", ["--listen", "127.0.0.1:0"])?
        .env(KEY_VARIABLE, &key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdin = master.stdin.take().expect("it is piped");
    let mut says = BufReader::new(master.stdout.take().expect("it is piped"));
    let address = show_until_it_waits(&mut says)?;
    let start = |name: &&str| {
        shared::child("worker", ["--connect", &address, "--name", name])?
            .env(KEY_VARIABLE, &key)
            .stdin(Stdio::null())
            .spawn()
    };
    let workers: Vec<_> =
        WORKERS.iter().map(start).collect::<Result<_, _>>()?;
    let rest = thread::spawn(move || show(&mut says));
    workers.into_iter().try_for_each(join)?;
    drop(stdin); // The master may leave as well.
    join(master)?;
    Ok(rest.join().unwrap()?)
}

/// The master of this demo leaves after its workers. When its standard input
/// ends before it has all results, nobody is left who would want them.
pub fn master(args: &[String]) -> Result<(), Box<dyn Error>> {
    timeline::lane("master");
    let (finished, is_finished) = mpsc::channel();
    let (ended, has_ended) = mpsc::channel();
    thread::spawn(move || {
        let _ = stdin().read(&mut [0]);
        if is_finished.try_recv().is_err() {
            process::exit(1);
        }
        let _ = ended.send(());
    });
    super::master::run(&options::Master::read(args)?, |farm| {
        let _ = finished.send(());
        let _ = farm.close(); // Now the workers leave, and then our input ends.
        let _ = has_ended.recv();
    })
}
// ANCHOR_END: demo

/// Shows the master's lines until it waits for results. Returns where it
/// listens.
fn show_until_it_waits(
    says: &mut BufReader<ChildStdout>,
) -> io::Result<String> {
    let mut address = String::new();
    for line in says.lines() {
        let line = line?;
        println!("{line}");
        if let Some((_, where_)) = line.split_once(": listens on ") {
            address = where_.into();
        }
        if line.ends_with("Try get results...") {
            return Ok(address);
        }
    }
    Err(io::Error::other("the master has not started"))
}

fn show(says: &mut BufReader<ChildStdout>) -> io::Result<()> {
    says.lines().try_for_each(|line| {
        println!("{}", line?);
        Ok(())
    })
}

fn join(mut child: Child) -> io::Result<()> {
    match child.wait()? {
        status if status.success() => Ok(()),
        status => {
            Err(io::Error::other(format!("a child has failed: {status}")))
        }
    }
}
