//! The rows of the tables, each measured in turn.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use harness::bench::{Series, Table, figure, here, python_command};
use nats_cluster::{Cluster, ClusterBuilder};
use pymanagers::Key;
use shared::child;
use tempfile::TempDir;

use crate::process::Process;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench.py");

/// How often each row takes its turn.
const TURNS: usize = 5;

/// How many tasks a batch has, where there are batches.
const BATCH: usize = 100;

/// Where the queue is.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    CPython,
    Master,
    OneNode,
    ThreeNodes,
}

use Place::{CPython, Master, OneNode, ThreeNodes};

impl Place {
    const ALL: [Self; 4] = [CPython, Master, OneNode, ThreeNodes];

    fn name(self) -> &'static str {
        match self {
            CPython => "CPython's manager",
            Master => "in the master",
            OneNode => "one node",
            ThreeNodes => "three replicas",
        }
    }

    fn servers(self) -> usize {
        match self {
            CPython | Master => 0,
            OneNode => 1,
            ThreeNodes => 3,
        }
    }
}

/// Where the queue is, how many tasks are taken at once, and of how many
/// tasks they are measured, with one worker and with four. The first row is
/// what the others are compared with; a proxy of CPython's knows no batches.
const ROWS: [(Place, usize, [usize; 2]); 7] = [
    (CPython, 1, [4_000, 4_000]),
    (Master, 1, [20_000, 40_000]),
    (Master, BATCH, [40_000, 40_000]),
    (OneNode, 1, [1_000, 4_000]),
    (OneNode, BATCH, [20_000, 40_000]),
    (ThreeNodes, 1, [500, 2_000]),
    (ThreeNodes, BATCH, [10_000, 20_000]),
];

pub fn compare() -> Result<(), Box<dyn Error>> {
    let engines = Engines::start()?;
    println!("{}, nats-server {}", here(), engines.servers[0].version());
    println!("median (lowest-highest) of {TURNS} turns");
    for (workers, name) in [(1, "one worker"), (4, "four workers")] {
        println!("\nTasks a second with {name}:\n");
        let names = ROWS.map(|(place, batch, _)| match batch {
            1 => format!("{}, one at a time", place.name()),
            _ => format!("{}, batches of {batch}", place.name()),
        });
        let of = |(place, batch, tasks): (Place, usize, [usize; 2])| {
            let tasks = tasks[usize::from(workers > 1)];
            engines.tasks(place, batch, tasks, workers)
        };
        compared(&names, &in_turn(&ROWS, of)?);
    }
    let names = Place::ALL.map(Place::name);
    println!("\nTasks put a second, by one master:\n");
    compared(&names, &in_turn(&Place::ALL, |place| engines.put(place))?);
    println!("\nMilliseconds from putting a task to having its result:\n");
    compared(&names, &in_turn(&Place::ALL, |place| engines.latency(place))?);
    println!("\nBytes a task, on the disk of each node:\n");
    engines.stored()
}

/// Measures every row once, and all of that again and again: what else the
/// machine does meanwhile, it does to all of them.
fn in_turn<T: Copy>(
    rows: &[T],
    measure: impl Fn(T) -> Result<f64, Box<dyn Error>>,
) -> Result<Vec<Series>, Box<dyn Error>> {
    let mut measured: Vec<_> = rows.iter().map(|_| Vec::new()).collect();
    for _ in 0..TURNS {
        for (row, figures) in rows.iter().zip(&mut measured) {
            figures.push(measure(*row)?);
        }
    }
    Ok(measured.into_iter().map(Series::new).collect())
}

fn compared(names: &[impl ToString], all: &[Series]) {
    let mut table = Table::new(&["", "", "it / CPython's"]);
    for (name, series) in names.iter().zip(all) {
        let ratio = figure(series.median() / all[0].median());
        let ratio = format!("{ratio} x");
        table.row(&[name.to_string(), series.to_string(), ratio]);
    }
    print!("{table}");
}

/// One server, and three, with a folder for each of the two.
struct Engines {
    // Stopped before their folders go.
    servers: [Cluster; 2],
    folders: [TempDir; 2],
}

impl Engines {
    fn start() -> Result<Self, Box<dyn Error>> {
        let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
        let start = |at: usize, count| {
            ClusterBuilder::new(count).folder(folders[at].path()).start()
        };
        let servers = [start(0, 1)?, start(1, 3)?];
        Ok(Self { servers, folders })
    }

    /// What the roles are told: how many tasks or times, and where.
    fn place(&self, place: Place, count: usize) -> Vec<String> {
        let mut args = vec![count.to_string()];
        if let Some(servers) = self.of(place) {
            args.extend([servers.url(), place.servers().to_string()]);
        }
        args
    }

    fn of(&self, place: Place) -> Option<&Cluster> {
        self.servers.iter().find(|it| it.count() == place.servers())
    }

    /// Tasks a second, from the word to the workers to the last result.
    fn tasks(
        &self,
        place: Place,
        batch: usize,
        tasks: usize,
        workers: usize,
    ) -> Result<f64, Box<dyn Error>> {
        let (_, key) = Key::random();
        let args = self.place(place, tasks);
        let mut master = start(place, &key, "master", &args)?;
        let address = master.line()?;
        let workers = (0..workers).map(|_| {
            let mut worker = self.worker(place, &key, &address, batch)?;
            worker.line().map(|_ready| worker)
        });
        let mut workers = workers.collect::<io::Result<Vec<_>>>()?;
        let start = Instant::now();
        workers.iter_mut().try_for_each(Process::go)?;
        master.line()?;
        let seconds = start.elapsed().as_secs_f64();
        end(place, master, workers)?;
        Ok(tasks as f64 / seconds)
    }

    fn worker(
        &self,
        place: Place,
        key: &str,
        address: &str,
        batch: usize,
    ) -> io::Result<Process> {
        let mut args = vec![address.to_string()];
        if place != CPython {
            args.push(batch.to_string());
        }
        start(place, key, "worker", &args)
    }

    fn put(&self, place: Place) -> Result<f64, Box<dyn Error>> {
        let tasks = if place == CPython { 4_000 } else { 20_000 };
        let (_, key) = Key::random();
        let args = self.place(place, tasks);
        let mut master = start(place, &key, "put", &args)?;
        let speed = master.line()?.parse()?;
        master.end()?;
        Ok(speed)
    }

    /// The median of many, after the first few.
    fn latency(&self, place: Place) -> Result<f64, Box<dyn Error>> {
        let (first, times) = (10, 100);
        let (_, key) = Key::random();
        let args = self.place(place, first + times);
        let mut master = start(place, &key, "latency", &args)?;
        let address = master.line()?;
        let mut worker = self.worker(place, &key, &address, 1)?;
        worker.line()?;
        worker.go()?;
        master.line()?; // It is ready, too.
        master.go()?;
        let mut figures = Vec::new();
        for _ in 0..first + times {
            figures.push(master.line()?.parse()?);
        }
        end(place, master, vec![worker])?;
        Ok(Series::new(figures.split_off(first)).median())
    }

    fn stored(&self) -> Result<(), Box<dyn Error>> {
        let tasks = 20_000;
        let mut table = Table::new(&["", "waiting", "done"]);
        for place in [OneNode, ThreeNodes] {
            let [waiting, done] = self.stored_by(place, tasks)?;
            let bytes = |all: f64| figure(all / tasks as f64);
            table.row(&[place.name().into(), bytes(waiting), bytes(done)]);
        }
        print!("{table}");
        Ok(())
    }

    /// Bytes on each node, before a job's tasks are done and after.
    fn stored_by(
        &self,
        place: Place,
        tasks: usize,
    ) -> Result<[f64; 2], Box<dyn Error>> {
        let empty = self.bytes(place)?;
        let (_, key) = Key::random();
        let args = self.place(place, tasks);
        let mut master = start(place, &key, "master", &args)?;
        let address = master.line()?;
        let waiting = self.bytes(place)? - empty;
        let mut worker = self.worker(place, &key, &address, BATCH)?;
        worker.line()?;
        worker.go()?;
        master.line()?;
        let done = self.bytes(place)? - empty;
        end(place, master, vec![worker])?;
        Ok([waiting, done])
    }

    /// What is stored on each node, once everything is there.
    fn bytes(&self, place: Place) -> io::Result<f64> {
        let folder = &self.folders[usize::from(place == ThreeNodes)];
        let mut bytes = size(folder.path())?;
        loop {
            thread::sleep(Duration::from_millis(200));
            let now = size(folder.path())?;
            if now == bytes {
                return Ok(bytes as f64 / place.servers() as f64);
            }
            bytes = now;
        }
    }
}

/// A process of ours, or one of CPython's.
fn start(
    place: Place,
    key: &str,
    role: &str,
    args: &[String],
) -> io::Result<Process> {
    let mut command = match place {
        CPython => {
            let mut python = Command::new(python_command());
            python.arg(SCRIPT).arg(role).args(args);
            python
        }
        _ => child(role, args)?,
    };
    Process::start(&mut command, key)
}

/// Workers of a queue in the master leave when it does; those of an engine
/// hold the job until they do.
fn end(place: Place, master: Process, workers: Vec<Process>) -> io::Result<()> {
    if place.servers() > 0 {
        workers.into_iter().try_for_each(Process::end)?;
        return master.end();
    }
    master.end()?;
    workers.into_iter().try_for_each(Process::end)
}

/// The bytes of all files in a folder.
fn size(folder: &Path) -> io::Result<u64> {
    let (mut bytes, mut folders) = (0, vec![PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        // What goes meanwhile has no size.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(it) if it.is_dir() => folders.push(entry.path()),
                Ok(it) => bytes += it.len(),
                Err(_) => {}
            }
        }
    }
    Ok(bytes)
}
