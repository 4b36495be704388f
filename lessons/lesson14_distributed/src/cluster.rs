//! Three servers, of which the leading one is killed, a master and four
//! workers, all of them on this machine.

use std::error::Error;
use std::io::{self, BufRead, BufReader, PipeReader, PipeWriter, Read, stdin};
use std::process::{self, Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lesson14_distributed::servers::{Plan, Servers};
use lexopt::{Arg, Parser, ValueExt};

const WORKERS: [&str; 4] = ["worker-1", "worker-2", "worker-3", "worker-4"];
const JOB: &str = "cluster";

// ANCHOR: cluster
pub fn cluster(args: &[String]) -> Result<(), Box<dyn Error>> {
    let tasks = read(args)?;
    let me = format!("cluster ({})", process::id());
    let mut servers = Plan::new(3).login("lesson14", "abc").start()?;
    println!("{me}: three nats-servers {}", servers.version());
    let mut crew = Crew::new(&servers)?;
    let count = tasks.to_string();
    let args = ["--tasks", &count, "--replicas", "3"];
    let master = crew.start("master", &args, Stdio::piped())?;
    let says = master.stdout.take().expect("it is piped");
    let mut watch = Watch::default();
    for line in BufReader::new(says).lines() {
        let line = line?;
        println!("{line}");
        if line.ends_with("Try get results...") {
            crew.start_workers()?;
        }
        if watch.hears(&line) && watch.results.len() == tasks.div_ceil(2) {
            kill_the_leader(&me, &mut servers)?;
            watch.begin();
        }
    }
    crew.join()?;
    watch.sum_up(&me)
}

fn kill_the_leader(
    me: &str,
    servers: &mut Servers,
) -> Result<(), Box<dyn Error>> {
    let leader = servers.leader(&format!("{JOB}_tasks"))?;
    let leader = leader.ok_or("nobody leads")?;
    println!("{me}: server {} leads; I kill it", leader + 1);
    servers.kill(leader)
}
// ANCHOR_END: cluster

fn read(args: &[String]) -> Result<usize, Box<dyn Error>> {
    let mut tasks = 40;
    let mut parser = Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("tasks") => tasks = count(&mut parser)?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(tasks)
}

fn count(parser: &mut Parser) -> Result<usize, lexopt::Error> {
    parser.value()?.parse_with(|text| match text.parse() {
        Ok(tasks) if tasks >= 2 => Ok(tasks),
        _ => Err("not a number of tasks, two at the least"),
    })
}

/// The master and the workers. Their input is a pipe of which we hold the
/// other end: when it ends, they end.
struct Crew {
    url: String,
    input: PipeReader,
    hold: Option<PipeWriter>,
    children: Vec<Child>,
}

impl Crew {
    fn new(servers: &Servers) -> io::Result<Self> {
        let (input, hold) = io::pipe()?;
        let (hold, children) = (Some(hold), Vec::new());
        Ok(Self { url: servers.url(), input, hold, children })
    }

    fn start(
        &mut self,
        name: &str,
        args: &[&str],
        out: Stdio,
    ) -> io::Result<&mut Child> {
        let child = shared::child("cluster_child", [name])?
            .args(args)
            .args(["--queue", &self.url, "--job", JOB])
            .stdin(self.input.try_clone()?)
            .stdout(out)
            .spawn()?;
        self.children.push(child);
        Ok(self.children.last_mut().expect("it has just come"))
    }

    fn start_workers(&mut self) -> io::Result<()> {
        WORKERS.iter().try_for_each(|name| {
            let args = ["--name", name, "--delay", "0.5"];
            self.start(name, &args, Stdio::inherit()).map(drop)
        })
    }

    fn join(mut self) -> Result<(), Box<dyn Error>> {
        for child in &mut self.children {
            let status = child.wait()?;
            if !status.success() {
                return Err(format!("a child has failed: {status}").into());
            }
        }
        Ok(())
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.hold = None;
        for child in &mut self.children {
            let _ = child.wait();
        }
    }
}

/// A master or a worker, by its name, that ends when nobody holds its input
/// any more.
pub fn child(args: &[String]) -> Result<(), Box<dyn Error>> {
    thread::spawn(|| {
        let _ = stdin().read(&mut [0]);
        process::exit(1);
    });
    let (name, args) = args.split_first().ok_or("a child has a name")?;
    let ended = match name.as_str() {
        "master" => super::master::master(args),
        _ => super::worker::worker(args),
    };
    ended.map_err(|why| format!("{name} ({}): {why}", process::id()).into())
}

/// What the master says: tasks, results, and how long none came.
#[derive(Default)]
struct Watch {
    tasks: Vec<i64>,
    results: Vec<i64>,
    latest: Option<Instant>,
    stall: Duration,
}

impl Watch {
    /// Whether this line is a result.
    fn hears(&mut self, line: &str) -> bool {
        let number = |text: &str| text.parse().unwrap_or_default();
        let after = |mark| line.split_once(mark).map(|(_, rest)| rest);
        if let Some(task) = after(": Put task ") {
            self.tasks.push(number(task.trim_end_matches('.')));
        }
        let Some(result) = after(": Result: ") else {
            return false;
        };
        self.results.push(number(result.split(' ').next().unwrap_or(result)));
        if let Some(latest) = &mut self.latest {
            self.stall = self.stall.max(latest.elapsed());
            *latest = Instant::now();
        }
        true
    }

    /// From now on it is measured for how long no result comes.
    fn begin(&mut self) {
        self.latest = Some(Instant::now());
    }

    fn sum_up(mut self, me: &str) -> Result<(), Box<dyn Error>> {
        if self.latest.is_none() {
            return Err("no server was killed".into());
        }
        let stall = self.stall.as_secs_f64();
        println!("{me}: after that no result came for {stall:.1} s");
        self.tasks.sort_unstable();
        self.results.sort_unstable();
        if self.tasks != self.results {
            return Err("not every task has one result".into());
        }
        let all = self.results.len();
        println!("{me}: {all} results, each once: nothing is lost");
        Ok(())
    }
}
