//! The rows of the tables, each measured in turn.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use harness::bench::{
    A_SECOND, Row, Series, Side, Table, compare, figure, python_command,
};
use nats_cluster::{Cluster, ClusterBuilder};
use pymanagers::Key;
use shared::child;
use tempfile::TempDir;

use crate::process::Process;

const SCRIPT: &str = "tests/benches/lesson14_distributed.py";

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

    fn side(self) -> Side {
        match self {
            CPython => Side::CPython,
            Master => Side::Ours,
            OneNode | ThreeNodes => Side::Other,
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

/// Where the queue is, how many tasks are taken at once, and how many tasks
/// there are, with one worker and with four. A proxy of CPython's takes no
/// batches.
const WAYS: [(&str, Place, usize, [usize; 2]); 7] = [
    ("manager, one at a time", CPython, 1, [4_000, 4_000]),
    ("in the master, one at a time", Master, 1, [20_000, 40_000]),
    ("in the master, batches of 100", Master, BATCH, [40_000, 40_000]),
    ("one node, one at a time", OneNode, 1, [1_000, 4_000]),
    ("one node, batches of 100", OneNode, BATCH, [20_000, 40_000]),
    ("three replicas, one at a time", ThreeNodes, 1, [500, 2_000]),
    ("three replicas, batches of 100", ThreeNodes, BATCH, [10_000, 20_000]),
];

pub fn compare_all() -> Result<(), Box<dyn Error>> {
    let engines = &Engines::start()?;
    println!("nats-server {}", engines.servers[0].version());
    let tasks = |id, what, workers| {
        let row = Row::new(id, what, A_SECOND).rounds(5);
        WAYS.into_iter().fold(row, |row, (name, place, batch, tasks)| {
            let tasks = tasks[usize::from(workers > 1)];
            row.times(tasks).side(place.side(), name, move |tasks| {
                let rate = engines.tasks(place, batch, tasks, workers);
                rate.expect("master and workers run")
            })
        })
    };
    let places = |row: Row<'static>, measure: Measure| {
        Place::ALL.into_iter().fold(row.rounds(5), |row, place| {
            let times = if place == CPython { 4_000 } else { 20_000 };
            row.times(times).side(place.side(), place.name(), move |times| {
                measure(engines, place, times).expect("a master runs")
            })
        })
    };
    let put = Row::new("put", "tasks put by one master", A_SECOND);
    let latency =
        Row::new("latency", "from a task to its result", "milliseconds");
    compare(vec![
        tasks("one", "tasks, one worker", 1),
        tasks("four", "tasks, four workers", 4),
        places(put, Engines::put),
        places(latency, |engines, place, _| engines.latency(place)),
    ]);
    println!("\nBytes a task, on the disk of each node:\n");
    engines.stored()
}

type Measure = fn(&Engines, Place, usize) -> Result<f64, Box<dyn Error>>;

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

    fn put(&self, place: Place, tasks: usize) -> Result<f64, Box<dyn Error>> {
        let (_, key) = Key::random();
        let args = self.place(place, tasks);
        let mut master = start(place, &key, "put", &args)?;
        let speed = master.line()?.parse()?;
        master.end()?;
        Ok(speed)
    }

    /// The median of many, after the first few.
    fn latency(&self, place: Place) -> Result<f64, Box<dyn Error>> {
        let first = 10;
        let times = 100;
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
            python
                .current_dir(harness::root())
                .arg(SCRIPT)
                .arg(role)
                .args(args);
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
    let mut bytes = 0;
    let mut folders = vec![PathBuf::from(folder)];
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
