//! Jobs on the engine: their servers and processes, and what they print next to
//! a job in the master.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use async_nats::ConnectOptions;
use async_nats::jetstream::{self, Context};
use harness::{Background, Run};
use nats_cluster::{Cluster, ClusterBuilder};
use task_farm::{Done, Lease, NatsAddress, NatsJob, TaskSource};

use super::TRY;
use super::processes::{assert_all_results, lesson};

/// Says it past the test's own output, which is hidden when it passes.
pub fn left_out(what: &str) {
    let _ = writeln!(io::stderr(), "left out: {what}");
}

/// Long after everything should be done.
pub const DEADLINE: Duration = Duration::from_secs(180);

/// For what happens at once, or only after hours.
pub const SOON: Duration = Duration::from_secs(30);

pub fn plan(servers: usize) -> ClusterBuilder {
    ClusterBuilder::new(servers).login("anna", "abc")
}

/// One server for all tests here, each with a job of its own. It ends when
/// this process does.
pub fn one_server() -> &'static Cluster {
    static SERVER: OnceLock<Cluster> = OnceLock::new();
    SERVER.get_or_init(|| plan(1).start().expect("a server"))
}

/// The same for tests that do no harm to any server.
pub fn three_servers() -> &'static Cluster {
    static SERVERS: OnceLock<Cluster> = OnceLock::new();
    SERVERS.get_or_init(|| plan(3).start().expect("three servers"))
}

/// The engine of the one server itself, past the farm.
pub async fn past_the_farm() -> Context {
    let address = one_server().address(0).to_string();
    let options = ConnectOptions::with_user_and_password;
    let client = options("anna".into(), "abc".into()).connect(address).await;
    jetstream::new(client.expect("a server"))
}

/// A job on some servers, and its processes.
pub struct Job {
    pub url: String,
    pub name: String,
    pub replicas: String,
}

impl Job {
    pub fn new(servers: &Cluster, name: &str, trial: usize) -> Self {
        let replicas = servers.count().to_string();
        let name = format!("{name}-{trial}");
        Self { url: servers.url(), name, replicas }
    }

    pub fn start(&self, url: &str, command: &str, args: &[&str]) -> Background {
        let mut process = lesson(&[command, "--queue", url]);
        process.args(["--job", &self.name]).args(args);
        Background::start(&mut process).deadline(DEADLINE)
    }

    pub fn begin_master(&self, args: &[&str]) -> Background {
        let args = [&["--replicas", &self.replicas], args].concat();
        self.start(&self.url, "master", &args)
    }

    /// A master, once it has put its tasks.
    pub fn master(&self, args: &[&str]) -> Background {
        let mut master = self.begin_master(args);
        master.wait_for(TRY);
        master
    }

    pub fn worker(&self, args: &[&str]) -> Background {
        self.start(&self.url, "worker", args)
    }

    pub fn workers(&self, delay: &str) -> Vec<Background> {
        let start = |_| self.worker(&["--delay", delay]);
        (0..4).map(start).collect()
    }

    pub fn by_hand(&self) -> NatsJob {
        let address: NatsAddress = self.url.parse().expect("an address");
        NatsJob::open(&address, &self.name).expect("the job")
    }

    pub fn streams(&self) -> [String; 2] {
        ["tasks", "results"].map(|stream| format!("{}_{stream}", self.name))
    }

    /// A task that no other worker gets, so that the job stays open.
    pub fn hold(&self) -> Held {
        let mut farm = self.by_hand();
        let mut leases = farm.take(1, DEADLINE).expect("a task");
        Held { farm, lease: leases.remove(0) }
    }
}

pub struct Held {
    farm: NatsJob,
    lease: Lease,
}

impl Held {
    /// Waits until it is so, and holds the task meanwhile, if it can.
    pub fn until(&mut self, is_so: impl Fn() -> bool) {
        let end = Instant::now() + DEADLINE;
        while !is_so() {
            assert!(Instant::now() < end, "not in time");
            let _ = self.farm.extend(std::slice::from_ref(&self.lease));
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn finish(mut self) {
        let done = [result(&self.lease)];
        let end = Instant::now() + DEADLINE;
        while let Err(error) = self.farm.complete(&done) {
            assert!(Instant::now() < end, "{error}");
        }
    }
}

pub fn result(lease: &Lease) -> Done {
    let n = lease.task.body.as_int().expect("a number");
    let result = format!("{n} * {n} = {}", n * n);
    Done { task: lease.task.id, result: result.as_str().into() }
}

/// Every result once; and the workers have left in peace.
#[track_caller]
pub fn assert_once(
    master: Background,
    workers: Vec<Background>,
    tasks: usize,
) -> Run {
    let run = master.end();
    assert_all_results(&run, tasks);
    for worker in workers {
        let run = worker.end();
        assert_eq!(run.code, Some(0), "{:#?}", run.lines);
        run.one("worker ({P}): worker exit.");
    }
    run
}

pub fn dropped(run: &Run) -> f64 {
    let dropped = "master ({M}): {*}, results dropped: {dropped}, {*}";
    run.one(dropped).1.number("dropped")
}

/// What a run of both prints, without what differs from run to run: which worker does
/// what, how far it has come when, and how fast.
fn printed(run: Vec<Run>, address: &str) -> Vec<String> {
    let pid = regex_lite::Regex::new(r"^(master|worker)(-\d)? \(\d+\)");
    let speed = regex_lite::Regex::new(r"tasks a second: .*");
    let pid = pid.expect("a regex");
    let speed = speed.expect("a regex");
    let lines = run.into_iter().flat_map(|run| run.lines);
    let progress = |line: &String| line.contains(" done, ");
    let mut lines: Vec<_> = lines
        .filter(|line| !progress(line))
        .map(|line| pid.replace(&line, "$1 (P)").replace(address, "ADDRESS"))
        .map(|line| speed.replace(&line, "tasks a second: S").into_owned())
        .collect();
    lines.sort();
    lines
}

#[test]
#[ignore = "needs nats-server"]
fn both_say_the_same_but_for_the_header() {
    let args = ["--seed", "7", "--tasks", "30"];
    let end = |master: Background, workers: Vec<Background>| {
        let all = workers.into_iter().chain([master]);
        all.map(Background::end).collect::<Vec<_>>()
    };
    let names = ["worker-1", "worker-2", "worker-3"];
    let (master, address) = super::processes::master(&args);
    let start =
        |name: &&str| super::processes::worker(&address, &["--name", name]);
    let workers = names.iter().map(start).collect();
    let here = printed(end(master, workers), &address);
    let job = Job::new(one_server(), "both", 0);
    let master = job.master(&args);
    let start = |name: &&str| job.worker(&["--name", name]);
    let workers = names.iter().map(start).collect();
    let address = one_server().url_of(&[one_server().address(0)]);
    let address = address.replace("anna:abc@", "") + ", job both-0";
    let there = printed(end(master, workers), &address);
    let differ = |a: &[String], b: &[String]| {
        let b: BTreeSet<_> = b.iter().cloned().collect();
        a.iter().filter(|it| !b.contains(*it)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(here.len(), there.len(), "{here:#?}\n{there:#?}");
    assert_eq!(differ(&here, &there), ["master (P): listens on ADDRESS"]);
    assert_eq!(differ(&there, &here), ["master (P): queues on ADDRESS"]);
}
