//! Workers, masters and servers of the engine that are killed, stand still or
//! are cut off: every result comes once.
//!
//! Each trial is made once; `TRIALS=20` makes twenty of each. Which server it
//! is says `NATS_SERVER`.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use async_nats::ConnectOptions;
use async_nats::jetstream::{self, Context};
use harness::{Background, Run};
use nats_cluster::{Cluster, ClusterBuilder};
use nix::sys::signal::Signal::{SIGCONT, SIGKILL, SIGSTOP};
use task_farm::{
    Done, JobOwner, JobSettings, Lease, NatsAddress, NatsJob, TaskSource,
};

use super::processes::{assert_all_results, given_out_again, lesson};
use super::{RESULT, RUN, TRY};

fn trials() -> Range<usize> {
    let many = env::var("TRIALS").ok().and_then(|text| text.parse().ok());
    0..many.unwrap_or(1)
}

/// Says it past the test's own output, which nobody sees when it passes.
pub fn left_out(what: &str) {
    let _ = writeln!(io::stderr(), "left out: {what}");
}

/// Long after everything should be done.
pub const DEADLINE: Duration = Duration::from_secs(180);

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

    fn streams(&self) -> [String; 2] {
        ["tasks", "results"].map(|stream| format!("{}_{stream}", self.name))
    }

    /// A task that nobody else gets, so that the job goes on.
    fn hold(&self) -> Held {
        let mut farm = self.by_hand();
        let mut leases = farm.take(1, DEADLINE).expect("a task");
        Held { farm, lease: leases.remove(0) }
    }
}

struct Held {
    farm: NatsJob,
    lease: Lease,
}

impl Held {
    /// Waits until it is so, and holds the task meanwhile, if it can.
    fn until(&mut self, is_so: impl Fn() -> bool) {
        let end = Instant::now() + DEADLINE;
        while !is_so() {
            assert!(Instant::now() < end, "not in time");
            let _ = self.farm.extend(std::slice::from_ref(&self.lease));
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn finish(mut self) {
        let done = [result(&self.lease)];
        let end = Instant::now() + DEADLINE;
        while let Err(error) = self.farm.complete(&done) {
            assert!(Instant::now() < end, "{error}");
        }
    }
}

fn result(lease: &Lease) -> Done {
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

#[test]
#[ignore = "needs nats-server"]
fn the_task_of_a_worker_that_is_killed_goes_to_another() {
    let servers = three_servers();
    for trial in trials() {
        let job = Job::new(servers, "worker-killed", trial);
        let master = job.master(&["--tasks", "40", "--lease", "1"]);
        let mut first = job.worker(&["--delay", "10000"]);
        let task = first.wait_for(RUN);
        first.signal(SIGKILL);
        let run = assert_once(master, job.workers("1"), 40);
        assert!(given_out_again(&run) >= 1.0, "{:?}", task.text("n"));
    }
}

#[test]
#[ignore = "needs nats-server"]
fn workers_may_die_all_the_time() {
    let servers = three_servers();
    for trial in trials() {
        let job = Job::new(servers, "workers-die", trial);
        let mut master = job.master(&["--tasks", "60", "--lease", "1"]);
        let mut held = job.hold();
        let mut workers = job.workers("1");
        for kill in 0..12 {
            master.wait_for(RESULT);
            held.until(|| true);
            workers[kill % 4].signal(SIGKILL);
            workers[kill % 4] = job.worker(&["--delay", "1", "--batch", "3"]);
        }
        held.finish();
        assert_once(master, workers, 60);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_that_stands_still_loses_its_task_and_goes_on() {
    let servers = three_servers();
    for trial in trials() {
        let job = Job::new(servers, "worker-frozen", trial);
        let mut master = job.master(&["--tasks", "2", "--lease", "2"]);
        let mut frozen = job.worker(&["--delay", "10"]);
        let task = frozen.wait_for(RUN);
        frozen.signal(SIGSTOP);
        do_instead(&job, task.text("n"));
        master.wait_for(RESULT);
        frozen.signal(SIGCONT);
        frozen.wait_for(RUN); // It goes on with the other task.
        let run = assert_once(master, vec![frozen], 2);
        assert!(given_out_again(&run) >= 1.0);
        assert!(dropped(&run) >= 1.0, "its late result");
    }
}

/// Brings the result of a task as soon as its lease has ended.
fn do_instead(job: &Job, n: &str) {
    let mut other = job.by_hand();
    let end = Instant::now() + DEADLINE;
    while Instant::now() < end {
        for lease in other.take(1, Duration::from_secs(1)).expect("a farm") {
            if lease.task.body.to_string() == n {
                return other.complete(&[result(&lease)]).expect("a farm");
            }
        }
    }
    panic!("the lease does not end");
}

#[test]
#[ignore = "needs nats-server"]
fn a_master_that_is_killed_while_it_puts_goes_on() {
    const TASKS: usize = 5000;
    let servers = three_servers();
    let tasks = ["--seed", "1", "--tasks", &TASKS.to_string()];
    for trial in trials() {
        // It may have put them all before the kill; then it is no trial.
        let again = (0..20).map(|again| 100 * trial + again);
        let mut jobs = again.map(|i| Job::new(servers, "master-puts", i));
        let job = jobs.find(|job| kill_while_it_puts(job, &tasks) < TASKS);
        let job = job.expect("it puts slower than we kill");
        let args = ["--delay", "0", "--batch", "100", "--quiet"];
        let workers = (0..4).map(|_| job.worker(&args)).collect();
        assert_once(job.begin_master(&tasks), workers, TASKS);
    }
}

/// Kills it as soon as there is a task; how many there are then.
fn kill_while_it_puts(job: &Job, tasks: &[&str]) -> usize {
    let address = job.url.parse().expect("an address");
    let replicas = job.replicas.parse().expect("a number");
    // As the master has it by default. It is ready before the master comes.
    let lease = Duration::from_secs(60);
    let settings = JobSettings { lease, tries: 5, replicas };
    let farm = NatsJob::create(&address, &job.name, settings);
    let mut farm = farm.expect("a job");
    let master = job.begin_master(tasks);
    let first = farm.take(1, DEADLINE).expect("a task");
    master.signal(SIGKILL);
    farm.release(&first).expect("a farm");
    let status = farm.stats().expect("a farm");
    status.waiting + status.leased
}

#[test]
#[ignore = "needs nats-server"]
fn a_master_that_is_killed_while_it_collects_goes_on() {
    let servers = three_servers();
    let args = ["--seed", "1", "--tasks", "60"];
    for trial in trials() {
        let job = Job::new(servers, "master-collects", trial);
        let mut master = job.master(&args);
        let mut workers = job.workers("1");
        for _ in 0..=(7 * trial) % 50 {
            master.wait_for(RESULT);
        }
        master.signal(SIGKILL);
        workers[0].wait_for(RUN); // They need no master.
        assert_once(job.begin_master(&args), workers, 60);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn the_leading_server_may_be_killed() {
    let mut servers = plan(3).start().expect("three servers");
    for trial in trials() {
        let job = Job::new(&servers, "leader-killed", trial);
        let mut master = job.master(&["--tasks", "200", "--lease", "3"]);
        let workers = job.workers("1");
        for _ in 0..20 + 7 * trial {
            master.wait_for(RESULT);
        }
        let leader = servers.leader(&job.streams()[trial % 2]);
        let leader = leader.expect("an answer").expect("a leader");
        servers.kill(leader).expect("its keeper");
        assert_once(master, workers, 200);
        servers.start_all().expect("it comes back");
    }
}

#[test]
#[ignore = "needs nats-server"]
fn servers_may_be_restarted_one_after_the_other() {
    let mut servers = plan(3).start().expect("three servers");
    for trial in trials() {
        let job = Job::new(&servers, "rolling", trial);
        let mut master = job.master(&["--tasks", "100", "--lease", "5"]);
        let mut held = job.hold();
        let workers = job.workers("2");
        master.wait_for(RESULT);
        for i in 0..servers.count() {
            servers.stop(i).expect("its keeper");
            servers.start(i).expect("it comes back");
            let whole = |it: &String| servers.is_whole(it).unwrap_or(false);
            held.until(|| job.streams().iter().all(whole));
        }
        held.finish();
        assert_once(master, workers, 100);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn all_servers_may_be_killed_and_started_again() {
    let mut servers = plan(3).start().expect("three servers");
    let version = servers.version().to_string();
    if !servers.is_at_least(2, 10) {
        left_out(&format!(
            "all servers of a cluster killed, as nats-server {version} is \
             older than 2.10"
        ));
        return;
    }
    for trial in trials() {
        let job = Job::new(&servers, "all-killed", trial);
        let mut master = job.master(&["--tasks", "100", "--lease", "3"]);
        let workers = job.workers("2");
        for _ in 0..10 + trial {
            master.wait_for(RESULT);
        }
        for i in 0..servers.count() {
            servers.kill(i).expect("its keeper");
        }
        thread::sleep(Duration::from_secs(1));
        servers.start_all().expect("they come back");
        assert_once(master, workers, 100);
    }
}

/// Its late result is not another one, and it goes on: whether what it has
/// said meanwhile arrives after all, or its connection breaks.
#[test]
#[ignore = "needs nats-server"]
fn a_worker_that_is_cut_off_loses_its_task_and_goes_on() {
    let servers = three_servers();
    for trial in trials() {
        for breaks in [false, true] {
            let name = ["cut-off", "broken-off"][usize::from(breaks)];
            let job = Job::new(servers, name, trial);
            let mut master = job.master(&["--tasks", "2", "--lease", "2"]);
            let proxy = Proxy::start(servers.address(trial % 3));
            let url = servers.url_of(&[proxy.address]);
            let mut far = job.start(&url, "worker", &["--delay", "10"]);
            let task = far.wait_for(RUN);
            proxy.cut();
            do_instead(&job, task.text("n"));
            master.wait_for(RESULT);
            proxy.mend(breaks);
            far.wait_for(RUN); // It goes on with the other task.
            let run = assert_once(master, vec![far], 2);
            assert!(given_out_again(&run) >= 1.0);
            assert!(dropped(&run) >= 1.0, "its late result");
        }
    }
}

/// Stands between a worker and its server, and can stop to pass on anything.
struct Proxy {
    address: SocketAddr,
    line: Arc<(Mutex<Line>, Condvar)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Line {
    Whole,
    Cut,
    /// It was cut, and what was on its way is lost.
    Broken,
}

impl Proxy {
    fn start(server: SocketAddr) -> Self {
        let line = Arc::new((Mutex::new(Line::Whole), Condvar::new()));
        let shared = line.clone();
        let address =
            between(server, move |from, to| pass_on(from, to, &shared));
        Self { address, line }
    }

    fn cut(&self) {
        *self.line.0.lock().unwrap() = Line::Cut;
    }

    fn mend(&self, breaks: bool) {
        let line = if breaks { Line::Broken } else { Line::Whole };
        *self.line.0.lock().unwrap() = line;
        self.line.1.notify_all();
    }
}

/// Stands between others and this server, and has `pass_on` carry what comes
/// on each connection, one way and the other.
pub fn between(
    server: SocketAddr,
    pass_on: impl Fn(TcpStream, TcpStream) -> io::Result<()>
    + Clone
    + Send
    + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for near in listener.incoming().map_while(io::Result::ok) {
            let Ok(far) = TcpStream::connect(server) else { continue };
            for (from, to) in [(&near, &far), (&far, &near)] {
                let (from, to) = (from.try_clone(), to.try_clone());
                let pass_on = pass_on.clone();
                thread::spawn(move || pass_on(from?, to?));
            }
        }
    });
    address
}

fn pass_on(
    mut from: TcpStream,
    mut to: TcpStream,
    line: &(Mutex<Line>, Condvar),
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let read = from.read(&mut buffer)?;
        let mut now = line.0.lock().unwrap();
        let was_cut = *now == Line::Cut;
        while *now == Line::Cut {
            now = line.1.wait(now).unwrap();
        }
        let lost = was_cut && *now == Line::Broken;
        drop(now);
        if read == 0 || lost || to.write_all(&buffer[..read]).is_err() {
            let _ = from.shutdown(Shutdown::Both);
            return to.shutdown(Shutdown::Both);
        }
    }
}

/// What a run of both prints, without what differs from run to run: who does
/// what, how far it has come when, and how fast.
fn said(run: Vec<Run>, address: &str) -> Vec<String> {
    let pid = regex_lite::Regex::new(r"^(master|worker)(-\d)? \(\d+\)");
    let speed = regex_lite::Regex::new(r"tasks a second: .*");
    let (pid, speed) = (pid.expect("a regex"), speed.expect("a regex"));
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
    let here = said(end(master, workers), &address);
    let job = Job::new(one_server(), "both", 0);
    let master = job.master(&args);
    let start = |name: &&str| job.worker(&["--name", name]);
    let workers = names.iter().map(start).collect();
    let address = one_server().url_of(&[one_server().address(0)]);
    let address = address.replace("anna:abc@", "") + ", job both-0";
    let there = said(end(master, workers), &address);
    let differ = |a: &[String], b: &[String]| {
        let b: BTreeSet<_> = b.iter().cloned().collect();
        a.iter().filter(|it| !b.contains(*it)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(here.len(), there.len(), "{here:#?}\n{there:#?}");
    assert_eq!(differ(&here, &there), ["master (P): listens on ADDRESS"]);
    assert_eq!(differ(&there, &here), ["master (P): queues on ADDRESS"]);
}
