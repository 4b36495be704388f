//! Masters and workers of different makers, in turn.

use std::error::Error;
use std::io;
use std::process::Command;
use std::time::Instant;

use harness::bench::{
    Series, Side, Table, figure, here, keep, python_command, times, turns,
};
use pymanagers::Key;
use shared::child;

use crate::process::Process;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench.py");

/// How often each pair takes its turn.
const TURNS: usize = 7;

/// Who plays a role.
#[derive(Clone, Copy, PartialEq)]
enum By {
    CPython,
    Us,
    /// Nobody: as many bytes travel, and nothing else happens.
    Loopback,
}

use By::{CPython, Loopback, Us};

/// A row's name, its master and its workers. The first row is what the others
/// are compared with.
const PAIRS: [(&str, By, By); 5] = [
    ("CPython's master, CPython's workers", CPython, CPython),
    ("CPython's master, our workers", CPython, Us),
    ("our master, CPython's workers", Us, CPython),
    ("our master, our workers", Us, Us),
    ("the loopback alone, the limit", Loopback, Loopback),
];

pub fn compare() -> Result<(), Box<dyn Error>> {
    println!("{}", here());
    println!("median (lowest-highest) of {TURNS} turns");
    println!("\nTasks a second with one worker:\n");
    let (what, unit) = ("tasks, one worker", "a second");
    in_turn(what, unit, |master, worker| tasks(master, worker, 1))?;
    println!("\nTasks a second with four workers:\n");
    let what = "tasks, four workers";
    in_turn(what, unit, |master, worker| tasks(master, worker, 4))?;
    println!("\nMilliseconds to connect:\n");
    in_turn("connect", "milliseconds", connect)
}

/// Measures every pair once, and all of that again and again: what else the
/// machine does meanwhile, it does to all of them.
fn in_turn(
    what: &str,
    unit: &str,
    measure: impl Fn(By, By) -> io::Result<f64>,
) -> Result<(), Box<dyn Error>> {
    let mut measured = PAIRS.map(|_| Vec::new());
    for _ in 0..turns(TURNS) {
        for ((_, master, worker), figures) in PAIRS.iter().zip(&mut measured) {
            figures.push(measure(*master, *worker)?);
        }
    }
    let all = measured.map(Series::new);
    let figures = [
        (Side::CPython, "master and workers", &all[0]),
        (Side::Ours, "master and workers", &all[3]),
        (Side::Limit, "the loopback", &all[4]),
    ];
    keep("lesson14_distributed", what, unit, &figures);
    let mut table = Table::new(&["", "", "it / CPython's"]);
    for ((name, ..), series) in PAIRS.iter().zip(&all) {
        let ratio = figure(series.median() / all[0].median());
        table.row(&[*name, &series.to_string(), &format!("{ratio} x")]);
    }
    print!("{table}");
    Ok(())
}

/// Tasks a second, from the word to the workers to the last result.
fn tasks(master: By, worker: By, workers: usize) -> io::Result<f64> {
    let tasks = times(if master == CPython { 4_000 } else { 40_000 });
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
        command.arg(SCRIPT).args(args);
    }
    Process::start(&mut command, key)
}
