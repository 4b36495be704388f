//! Masters that are killed, stopped or stand still, and what their workers do.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use harness::{Background, Run, root};
use nix::sys::signal::Signal::{
    self, SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM,
};
use pymanagers::{Client, Error, Key};
use socket2::{Domain, Socket, Type};

use super::crash_recovery::{
    assert_once, by_hand, python_of_each_trial, quick, trials,
};
use super::processes::{
    KEY, assert_all_results, assert_failure, given_out_again, master,
    master_at, worker,
};
use super::{RESULT, RUN, numbers};

/// It has failed with one line; all others belong to its work.
#[track_caller]
fn assert_one_line(run: Run, template: &str) {
    let work = ["{w} ({P}): Connect to server {A}...", RUN];
    let work = work.iter().map(|template| run.all(template).len());
    assert_eq!(work.sum::<usize>(), run.lines.len() - 1, "{:#?}", run.lines);
    assert_failure(run, template);
}

#[test]
fn a_master_does_not_wait_forever_for_a_worker_that_hangs() {
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
fn a_python_worker_of_a_stopped_master_exits_with_status_0() {
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
        second.wait_for("{*}, workers: 4"); // All workers are back.
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

#[test]
fn a_worker_waits_for_a_name_that_does_not_resolve_yet() {
    let address = "no-such-host.invalid:5000";
    let failed = worker(address, &[]).end();
    assert_one_line(failed, "{*}: worker: no-such-host.invalid:5000: {*}");
    let mut waits = worker(address, &["--retry"]);
    let why = "worker ({P}): no-such-host.invalid:5000: {*}; I wait for {*}";
    waits.wait_for(why);
    waits.signal(SIGTERM);
    let run = waits.end();
    run.one(why);
    assert_failure(run, "{*}: worker: the worker was stopped");
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

/// The system may pick, for a worker's own end, the very port that no program
/// listens on: the worker is then connected to itself, and in the way of the
/// master that comes back.
#[test]
fn a_worker_that_waits_for_a_master_does_not_find_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut address = listener.local_addr().unwrap();
    // Linux gives the odd ports to listeners, the even ones to the others:
    // these in leaps, and passes over a port three times in four.
    address.set_port(address.port() ^ 1);
    for _ in 0..120_000 {
        let found = Client::connect(address, &Key::from(KEY));
        let Err(Error::Io(error)) = found else { panic!("{found:?}") };
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}

/// A port that the system gives to no other program: a program that asks
/// for it by its number may listen there.
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
