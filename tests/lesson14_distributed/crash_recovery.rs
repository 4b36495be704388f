//! Workers and masters that are killed, hang, or are cut off: every result
//! comes once, and whoever is left says what has happened.
//!
//! Each trial is made a few times; `TRIALS=50` makes fifty of each.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use std::{env, thread};

use harness::{Background, Run, pythons, root};
use nix::sys::signal::Signal::{self, SIGCONT, SIGINT, SIGKILL, SIGSTOP};
use pymanagers::{Client, Error, Key, Value};
use socket2::{Domain, Socket, Type};
use task_farm::{Done, TaskSource, open_manager};

use super::processes::{
    KEY, assert_all_results, assert_failure, given_out_again, lesson, master,
    master_at, worker,
};
use super::python::{self, Scripts};
use super::raw::Raw;
use super::{RESULT, RUN, numbers};

/// How often each trial is made, and the number of each time.
fn trials() -> Range<usize> {
    let many = env::var("TRIALS").ok().and_then(|text| text.parse().ok());
    0..many.unwrap_or(3)
}

/// Every result once, and no other came.
#[track_caller]
fn assert_once(run: &Run, tasks: usize) {
    assert_all_results(run, tasks);
    assert_eq!(dropped(run), 0.0, "{:#?}", run.lines);
}

/// What the master's last but one line says.
fn dropped(run: &Run) -> f64 {
    let dropped = "master ({M}): {*}, results dropped: {dropped}, {*}";
    run.one(dropped).1.number("dropped")
}

/// It has failed with one line; all others belong to its work.
#[track_caller]
fn assert_one_line(run: Run, template: &str) {
    let work = ["{w} ({P}): Connect to server {A}...", RUN];
    let work = work.iter().map(|template| run.all(template).len());
    assert_eq!(work.sum::<usize>(), run.lines.len() - 1, "{:#?}", run.lines);
    assert_failure(run, template);
}

fn quick(address: &str) -> Background {
    worker(address, &["--delay", "0"])
}

/// A worker in this process, of which a test decides when it does what.
fn by_hand(address: &str) -> Box<dyn TaskSource> {
    open_manager(address, &Key::from(KEY)).unwrap()
}

#[test]
fn the_task_of_a_worker_that_is_killed_goes_to_another() {
    for _ in trials() {
        let (master, address) = master(&["--tasks", "4"]);
        let mut first = worker(&address, &["--delay", "10000"]);
        let task = first.wait_for(RUN);
        let mut second = quick(&address);
        for _ in 0..3 {
            second.wait_for(RUN);
        }
        first.signal(SIGKILL);
        let n = task.text("n");
        second.wait_for(&format!("worker ({{P}}): run task {n} * {n}..."));
        assert_eq!(second.end().code, Some(0));
        let run = master.end();
        assert_once(&run, 4);
        assert_eq!(given_out_again(&run), 1.0);
    }
}

#[test]
fn workers_may_die_all_the_time() {
    for _ in trials() {
        let (mut master, address) = master(&["--tasks", "40"]);
        let mut holds = by_hand(&address); // Nobody is done before it is.
        assert_eq!(holds.take(1, Duration::ZERO).unwrap().len(), 1);
        let start = || worker(&address, &["--delay", "0.1"]);
        let mut workers = [start(), start(), start()];
        for kill in 0..9 {
            master.wait_for(RESULT);
            workers[kill % 3].signal(SIGKILL);
            workers[kill % 3] = start();
        }
        drop((workers, holds)); // These are killed as well.
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_once(&run, 40);
        let again = given_out_again(&run);
        assert!((1.0..=13.0).contains(&again), "once for each who is gone");
    }
}

/// One worker holds the only task, another one waits for it and is stopped.
/// When the first dies, the master sends the task to one who cannot read it,
/// and who is killed then.
#[track_caller]
fn assert_killed_before_it_reads(victim: impl Fn(&str) -> Background) {
    let (mut master, address) = master(&["--tasks", "1"]);
    let mut holds = worker(&address, &["--delay", "10000"]);
    holds.wait_for(RUN);
    let victim = victim(&address);
    master.wait_for("master ({M}): 0 of 1 done, 1 out, workers: 2");
    victim.signal(SIGSTOP);
    holds.signal(SIGKILL);
    master.wait_for("master ({M}): 0 of 1 done, 1 out, workers: 1");
    victim.signal(SIGKILL);
    assert_eq!(quick(&address).end().code, Some(0));
    let run = master.end();
    assert_once(&run, 1);
    assert_eq!(given_out_again(&run), 2.0, "to the victim, and once more");
}

#[test]
fn a_worker_may_die_between_get_and_its_reply() {
    for _ in trials() {
        assert_killed_before_it_reads(patient);
    }
}

/// A worker that waits in one `get` for longer than any test.
fn patient(address: &str) -> Background {
    let mut waits = lesson(&["worker", "--connect", address]);
    Background::start(waits.env("LESSON_PACE", "100"))
}

#[test]
fn a_worker_that_dies_while_it_waits_is_sent_nothing() {
    for _ in trials() {
        let (mut master, address) = master(&["--tasks", "1"]);
        let mut holds = by_hand(&address);
        assert_eq!(holds.take(1, Duration::ZERO).unwrap().len(), 1);
        let waits = patient(&address);
        master.wait_for("master ({M}): 0 of 1 done, 1 out, workers: 2");
        waits.signal(SIGKILL);
        master.wait_for("master ({M}): 0 of 1 done, 1 out, workers: 1");
        drop(holds);
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_once(&run, 1);
        assert_eq!(given_out_again(&run), 1.0);
    }
}

#[test]
#[ignore = "needs python3"]
fn a_python_worker_may_die_between_get_and_its_reply() {
    for python in python_of_each_trial() {
        assert_killed_before_it_reads(|address| {
            let code = "task.get()";
            Background::start(&mut python::client(&python, address, code))
        });
    }
}

/// Each CPython in its turn.
fn python_of_each_trial() -> impl Iterator<Item = PathBuf> {
    let pythons = pythons();
    trials().map(move |trial| pythons[trial % pythons.len()].clone())
}

#[test]
#[ignore = "needs python3"]
fn a_python_worker_may_die_with_a_reply_that_it_has_not_read() {
    let code = "
assert task.qsize() == 2
connection = task._tls.connection
connection.send((task._id, 'get', (), {}))
if connection.poll(60): print('there it is')
import time
time.sleep(600)";
    for python in python_of_each_trial() {
        let (master, address) = master(&["--tasks", "2"]);
        let mut client = python::client(&python, &address, code);
        let mut theirs = Background::start(&mut client);
        theirs.wait_for("there it is");
        theirs.signal(SIGKILL);
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_once(&run, 2);
        assert_eq!(given_out_again(&run), 1.0);
    }
}

#[test]
#[ignore = "needs python3"]
fn the_task_of_the_documents_worker_that_is_killed_goes_to_another() {
    let scripts = Scripts::new();
    let start = |python: &Path, address: &str| {
        let port = python::port(address);
        let mut script = scripts.run(python, "task_worker.py", port);
        Background::start(&mut script)
    };
    for (trial, python) in python_of_each_trial().enumerate() {
        let (master, address) = master(&[]);
        let mut first = start(&python, &address);
        for _ in 0..=trial % 9 {
            first.wait_for("run task {n} * {n}...");
        }
        first.signal(SIGKILL);
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_once(&run, 10);
        assert!(given_out_again(&run) <= 1.0);
    }
}

#[test]
fn whoever_hangs_up_with_a_task_in_hand_loses_it() {
    for trial in trials() {
        let (master, address) = master(&["--tasks", "3"]);
        let mut raw = Raw::connect(address.parse().unwrap());
        let tasks = raw.create("get_task_queue");
        match trial % 4 {
            0 => drop(raw.call(&tasks, "get", &[])),
            1 => raw.send(&tasks, "get", &[]),
            2 => {
                raw.call(&tasks, "get", &[]);
                raw.send(&tasks, "get", &[]);
            }
            _ => {
                raw.send(&tasks, "get", &[]);
                raw.says_no_more();
            }
        }
        drop(raw);
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_once(&run, 3);
        assert!(given_out_again(&run) <= 2.0);
    }
}

#[test]
fn a_connection_may_break_at_any_byte() {
    let session = |cut: usize, tasks: usize| {
        let count = tasks.to_string();
        let (master, address) = master(&["--tasks", &count]);
        let relay = Relay::start(&address, cut);
        let args = ["--delay", "0", "--retry"];
        let worker = worker(&relay.address, &args).end();
        assert_eq!(worker.code, Some(0), "{:#?}", worker.lines);
        let run = master.end();
        assert_once(&run, tasks);
        assert!(given_out_again(&run) <= 1.0, "cut at byte {cut}");
        (relay.passed(), worker)
    };
    // So few that what is said at the end of two tasks is still the middle
    // of ten: who is cut off after the last one would wait for ever.
    let (bytes, _) = session(usize::MAX, 2);
    let trials = trials();
    let all = trials.len();
    for trial in trials {
        let cut = 1 + trial * bytes / all;
        let (_, worker) = session(cut, 10);
        let waits = "worker ({P}): {*}; I wait for the master";
        worker.before(waits, "worker ({P}): the master is back");
    }
}

#[test]
fn a_worker_that_hangs_loses_its_task_and_its_late_result_is_dropped() {
    for _ in trials() {
        let (mut master, address) = master(&["--tasks", "2", "--lease", "0.2"]);
        let mut hangs = worker(&address, &["--delay", "50"]);
        let late = hangs.wait_for(RUN);
        hangs.signal(SIGSTOP);
        let mut other = by_hand(&address);
        let soon = Duration::from_secs(60);
        let in_time = loop {
            let lease = other.take(1, soon).unwrap().remove(0);
            if lease.task.body.to_string() == late.text("n") {
                break lease.task;
            }
        };
        let n = in_time.body.as_int().unwrap();
        let result = format!("{n} * {n} = {}", n * n);
        let done = Done { task: in_time.id, result: result.as_str().into() };
        other.complete(&[done]).unwrap();
        master.wait_for(&format!("master ({{M}}): Result: {result}"));
        hangs.signal(SIGCONT);
        drop(other);
        hangs.wait_for(RUN); // It goes on with the second task.
        hangs.signal(SIGKILL);
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_all_results(&run, 2);
        assert!(given_out_again(&run) >= 1.0);
        assert!(dropped(&run) >= 1.0);
    }
}

#[test]
fn a_master_does_not_wait_for_ever_for_one_who_hangs() {
    let (master, address) = master(&["--tasks", "3", "--lease", "0.5"]);
    let mut first = worker(&address, &["--delay", "100"]);
    first.wait_for(RUN);
    first.signal(SIGSTOP);
    assert_eq!(quick(&address).end().code, Some(0));
    let run = master.end();
    assert_all_results(&run, 3);
    assert!(given_out_again(&run) >= 1.0);
    first.signal(SIGCONT);
    assert_one_line(first.end(), GONE);
}

const GONE: &str = "{*}: worker: the master has gone: {*}";

/// One of the two workers has a task when Ctrl-C comes, the other one waits.
#[test]
fn a_stopped_master_tells_its_workers() {
    for _ in trials() {
        let (mut master, address) = master(&["--tasks", "2"]);
        let mut hold = [by_hand(&address), by_hand(&address)];
        for farm in &mut hold {
            assert_eq!(farm.take(1, Duration::ZERO).unwrap().len(), 1);
        }
        let [first, second] = hold;
        let workers = [(); 2].map(|()| worker(&address, &["--delay", "4"]));
        master.wait_for("master ({M}): 0 of 2 done, 2 out, workers: 4");
        drop(first);
        master.wait_for("master ({M}): {*} of 2 done, {*} out, workers: 3");
        master.signal(SIGINT);
        for worker in workers {
            assert_one_line(
                worker.end(),
                "{*}: worker: the master was stopped",
            );
        }
        drop(second);
        let run = master.end();
        let done = numbers(&run, RESULT).len();
        let stopped = format!("was stopped with {done} of 2 results");
        assert_failure(run, &format!("{{*}}: master: the master {stopped}"));
    }
}

#[test]
#[ignore = "needs python3"]
fn a_python_worker_of_a_stopped_master_ends_in_peace() {
    let script = root().join("lessons/lesson14_distributed/task_worker.py");
    for python in python_of_each_trial() {
        let (mut master, address) = master(&["--tasks", "1000"]);
        let mut command = Command::new(python);
        command.arg("-u").arg(&script).arg(&address);
        command.env("LESSON_AUTHKEY", KEY).env("LESSON_PACE", "0.05");
        let theirs = Background::start(&mut command);
        master.wait_for(RESULT);
        master.signal(SIGINT);
        let theirs = theirs.end();
        assert_eq!(theirs.code, Some(0), "{:#?}", theirs.lines);
        theirs.one("worker ({P}): worker exit.");
        assert_failure(master.end(), "{*}: master: the master was stopped {*}");
    }
}

#[test]
fn a_worker_whose_master_has_gone_says_so() {
    for trial in trials() {
        let (mut master, address) = master(&["--tasks", "1000"]);
        let first = worker(&address, &["--delay", "0.5"]);
        let second = worker(&address, &["--delay", "0.1"]);
        for _ in 0..=trial % 10 {
            master.wait_for(RESULT);
        }
        master.wait_for("{*}, workers: 2");
        master.signal(SIGKILL);
        for worker in [first, second] {
            assert_one_line(worker.end(), GONE);
        }
    }
}

#[test]
fn a_worker_that_waits_for_a_task_hears_that_its_master_has_gone() {
    for _ in trials() {
        let (mut master, address) = master(&["--tasks", "1"]);
        let mut holds = by_hand(&address);
        assert_eq!(holds.take(1, Duration::ZERO).unwrap().len(), 1);
        let waits = worker(&address, &[]);
        master.wait_for("{*} 1 out, workers: 2");
        master.signal(SIGKILL);
        assert_one_line(waits.end(), GONE);
    }
}

#[test]
fn workers_that_may_retry_wait_for_the_master_to_come_back() {
    for trial in trials() {
        let port = Port::reserve();
        let (first, address) = master_at(&port.address, &["--tasks", "1000"]);
        let workers = ["a", "b", "c"].map(|name| {
            let args = ["--retry", "--delay", "0.5", "--name", name];
            worker(&address, &args)
        });
        let how = [SIGKILL, SIGINT][trial % 2];
        let workers = assert_master_gone(first, workers, trial % 9, how);
        let (mut second, _) = master_at(&port.address, &["--tasks", "9"]);
        let mut holds = by_hand(&address);
        assert_eq!(holds.take(1, Duration::ZERO).unwrap().len(), 1);
        workers.iter().for_each(|worker| worker.signal(SIGCONT));
        second.wait_for("{*}, workers: 4"); // Nobody has missed it.
        drop(holds);
        for worker in workers {
            let run = worker.end();
            assert_eq!(run.code, Some(0), "{:#?}", run.lines);
            let empty = "{w} ({P}): task queue is empty.";
            run.before(empty, "{w} ({P}): worker exit.");
            assert!(!run.all("{w} ({P}): the master is back").is_empty());
        }
        let run = second.end();
        assert_once(&run, 9);
        run.one(
            "master ({M}): tasks: 9, workers seen: 4, given out again: 1{*}",
        );
    }
}

/// Ends a master after a few results. Its workers wait for it to come back,
/// and are stopped.
fn assert_master_gone<const N: usize>(
    mut master: Background,
    mut workers: [Background; N],
    results: usize,
    how: Signal,
) -> [Background; N] {
    for _ in 0..=results {
        master.wait_for(RESULT);
    }
    master.wait_for("{*}, workers: 3");
    master.signal(how);
    let run = master.end();
    assert_eq!(run.code, (how == SIGINT).then_some(1), "{:#?}", run.lines);
    let results = numbers(&run, RESULT).len();
    if how == SIGINT {
        run.one(&format!("{{*}} was stopped with {results} of 1000 results"));
    }
    for worker in &mut workers {
        let alone = "{w} ({P}): {A}: Connection refused {*}; I wait for {*}";
        worker.wait_for(alone);
        worker.signal(SIGSTOP);
    }
    workers
}

/// The system may pick, for a worker's own end, the very port that nobody
/// listens on: the worker is then connected to itself, and in the way of the
/// master that comes back.
#[test]
fn whoever_waits_for_a_master_does_not_find_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut address = listener.local_addr().unwrap();
    // Linux gives the odd ports to those who listen, the even to the others:
    // these in leaps, and passes over a port three times in four.
    address.set_port(address.port() ^ 1);
    for _ in 0..120_000 {
        let found = Client::connect(address, &Key::from(KEY));
        let Err(Error::Io(error)) = found else { panic!("{found:?}") };
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}

/// A port that is given to nobody else: whoever asks for it by its number
/// may listen there.
struct Port {
    _socket: Socket,
    address: String,
}

impl Port {
    fn reserve() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        Self { _socket: socket, address: address.to_string() }
    }
}

/// Stands between workers and a master, passes on what they say, and cuts
/// one connection: the one on which a certain byte comes, counted over all.
struct Relay {
    address: String,
    shared: Arc<Passed>,
}

struct Passed {
    bytes: AtomicUsize,
    cut: usize,
    closed: AtomicBool,
}

impl Relay {
    fn start(master: &str, cut: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (bytes, closed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let shared = Arc::new(Passed { bytes, cut, closed });
        let (master, passed) = (master.to_string(), shared.clone());
        thread::spawn(move || {
            for worker in listener.incoming() {
                if passed.closed.load(SeqCst) {
                    return;
                }
                let worker = worker.unwrap();
                if let Ok(master) = TcpStream::connect(&master) {
                    passed.join(&worker, &master).unwrap();
                }
            }
        });
        Self { address, shared }
    }

    fn passed(&self) -> usize {
        self.shared.bytes.load(SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.closed.store(true, SeqCst);
        let _ = TcpStream::connect(&self.address); // It wakes up, and ends.
    }
}

impl Passed {
    /// Passes on, both ways, until one of the two hangs up.
    fn join(self: &Arc<Self>, a: &TcpStream, b: &TcpStream) -> io::Result<()> {
        for (from, to) in [(a, b), (b, a)] {
            let (passed, from, to) =
                (self.clone(), from.try_clone()?, to.try_clone()?);
            from.set_nodelay(true)?;
            thread::spawn(move || {
                let _ = passed.pass_on(&from, &to);
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }

    fn pass_on(
        &self,
        mut from: &TcpStream,
        mut to: &TcpStream,
    ) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            let read = from.read(&mut buffer)?;
            let before = self.bytes.fetch_add(read, SeqCst);
            if read == 0 {
                return Ok(());
            }
            if (before..before + read).contains(&self.cut) {
                return to.write_all(&buffer[..self.cut - before]);
            }
            to.write_all(&buffer[..read])?;
        }
    }
}

#[test]
fn a_result_that_comes_twice_takes_no_other_tasks_place() {
    for _ in trials() {
        let (master, address) = master(&["--tasks", "3"]);
        let mut raw = Raw::connect(address.parse().unwrap());
        let tasks = raw.create("get_task_queue");
        let results = raw.create("get_result_queue");
        let mut get = || {
            let reply = raw.call(&tasks, "get", &[]);
            let n = reply.as_tuple().unwrap()[1].as_int().unwrap();
            Value::from(format!("{n} * {n} = {}", n * n).as_str())
        };
        let [first, second] = [get(), get()];
        for result in [&first, &first, &second, &second] {
            raw.call(&results, "put", std::slice::from_ref(result));
        }
        drop(raw);
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_all_results(&run, 3);
        let results = numbers(&run, "master ({M}): Result: {n} * {*}");
        assert_eq!((results.len(), dropped(&run)), (3, 2.0));
    }
}
