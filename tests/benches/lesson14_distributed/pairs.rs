//! Masters and workers of different makers, in turn.

use std::io;
use std::process::Command;
use std::time::Instant;

use harness::bench::{A_SECOND, Row, Series, Side, compare, python_command};
use pymanagers::Key;
use shared::child;

use crate::process::Process;

const SCRIPT: &str = "tests/benches/lesson14_distributed.py";

/// The maker of a role.
#[derive(Clone, Copy, PartialEq)]
enum By {
    CPython,
    Us,
    /// As many bytes travel, and nothing else happens.
    Loopback,
}

use By::{CPython, Loopback, Us};

/// Every pair of makers: the side it belongs to, a name, master and workers.
const PAIRS: [(Side, &str, By, By); 5] = [
    (Side::CPython, "master and workers", CPython, CPython),
    (Side::Other, "CPython's master, our workers", CPython, Us),
    (Side::Other, "our master, CPython's workers", Us, CPython),
    (Side::Ours, "master and workers", Us, Us),
    (Side::Limit, "the bare loopback", Loopback, Loopback),
];

pub fn compare_all() {
    let row =
        |id, what, unit, measure: fn(By, By, usize) -> io::Result<f64>| {
            let row = Row::new(id, what, unit);
            PAIRS.into_iter().fold(row, |row, (side, name, master, worker)| {
                let times = if master == CPython { 2_000 } else { 20_000 };
                row.times(times).side(side, name, move |times| {
                    measure(master, worker, times)
                        .expect("master and workers run")
                })
            })
        };
    compare(vec![
        row("one", "tasks, one worker", A_SECOND, |master, worker, times| {
            tasks(master, worker, 1, times)
        }),
        row(
            "four",
            "tasks, four workers",
            A_SECOND,
            |master, worker, times| tasks(master, worker, 4, times),
        ),
        row("connect", "connect", "milliseconds", |master, worker, _| {
            connect(master, worker)
        }),
    ]);
}

/// Tasks a second, from the start of the workers to the last result.
fn tasks(
    master: By,
    worker: By,
    workers: usize,
    tasks: usize,
) -> io::Result<f64> {
    let (_, key) = Key::random();
    let mut master = start(master, &key, &["master", &tasks.to_string()])?;
    let address = master.line()?;
    let workers = (0..workers).map(|_| {
        let mut worker = start(worker, &key, &["worker", &address])?;
        worker.line().map(|_ready| worker)
    });
    let mut workers = workers.collect::<io::Result<Vec<_>>>()?;
    let start = Instant::now();
    for worker in &mut workers {
        worker.go()?;
    }
    master.line()?;
    let seconds = start.elapsed().as_secs_f64();
    master.end()?;
    workers.into_iter().try_for_each(Process::end)?;
    Ok(tasks as f64 / seconds)
}

/// Milliseconds until a client has connected and got its first reply: the
/// median of ten.
fn connect(server: By, client: By) -> io::Result<f64> {
    let (_, key) = Key::random();
    let mut server = start(server, &key, &["master", "0"])?;
    let address = server.line()?;
    let args = ["connect", &address, "10"];
    let mut client = start(client, &key, &args)?;
    let times = (0..10).map(|_| {
        let line = client.line()?;
        Ok(line.parse().expect("a number"))
    });
    let times = Series::new(times.collect::<io::Result<_>>()?);
    client.end()?;
    server.end()?;
    Ok(times.median())
}

fn start(by: By, key: &str, args: &[&str]) -> io::Result<Process> {
    let mut command = match by {
        CPython => Command::new(python_command()),
        Us => child("ours", args)?,
        Loopback => child("loopback", args)?,
    };
    if by == CPython {
        command.current_dir(harness::root()).arg(SCRIPT).args(args);
    }
    Process::start(&mut command, key)
}
