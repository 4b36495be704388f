//! Workers that are killed, hang or are cut off: every result comes once.
//!
//! Each trial is made a few times; `TRIALS=50` makes fifty of each.

use std::env;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::{Background, Run, pythons};
use nix::sys::signal::Signal::{SIGCONT, SIGKILL, SIGSTOP};
use pymanagers::{Key, Value};
use task_farm::{Done, TaskSource, open_manager};

use super::processes::{
    KEY, assert_all_results, given_out_again, lesson, master, worker,
};
use super::raw::Raw;
use super::relay::Relay;
use super::scripts::{Scripts, WORKER, client, port};
use super::{RESULT, RUN, numbers};

/// How often each trial is made, and the number of each time.
pub fn trials() -> Range<usize> {
    let many = env::var("TRIALS").ok().and_then(|text| text.parse().ok());
    0..many.unwrap_or(3)
}

/// Every result once, and no other came.
#[track_caller]
pub fn assert_once(run: &Run, tasks: usize) {
    assert_all_results(run, tasks);
    assert_eq!(dropped(run), 0.0, "{:#?}", run.lines);
}

/// What the master's last but one line says.
fn dropped(run: &Run) -> f64 {
    let dropped = "master ({M}): {*}, results dropped: {dropped}, {*}";
    run.one(dropped).1.number("dropped")
}

pub fn quick(address: &str) -> Background {
    worker(address, &["--delay", "0"])
}

/// A worker in this process, of which a test decides when it does what.
pub fn by_hand(address: &str) -> Box<dyn TaskSource> {
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
        let mut holds = by_hand(&address); // It holds the job open.
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
        assert!(
            (1.0..=13.0).contains(&again),
            "once for each worker that is gone"
        );
    }
}

/// One worker holds the only task, another one waits for it and is stopped.
/// When the first dies, the master sends the task to a worker that cannot
/// read it, and that is killed then.
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
            Background::start(&mut client(&python, address, KEY, code))
        });
    }
}

/// Each CPython in its turn.
pub fn python_of_each_trial() -> impl Iterator<Item = PathBuf> {
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
        let mut client = client(&python, &address, KEY, code);
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
        let port = port(address);
        let mut script = scripts.run(python, WORKER, port);
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
fn a_worker_that_hangs_up_with_a_task_loses_it() {
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
    // of ten: a worker cut off after the last one would wait forever.
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
        hangs.wait_for(RUN); // It continues with the second task.
        hangs.signal(SIGKILL);
        assert_eq!(quick(&address).end().code, Some(0));
        let run = master.end();
        assert_all_results(&run, 2);
        assert!(given_out_again(&run) >= 1.0);
        assert!(dropped(&run) >= 1.0);
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
