//! Two hundred workers at one master: nothing is lost, nothing comes twice,
//! and the master needs little memory for it.

use std::net::TcpListener;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use harness::{Background, Run, pythons};
use pymanagers::{Key, Value};
use task_farm::{Done, Lease, open_manager};

use super::processes::{KEY, Memory, master};
use super::python::client;

/// A debug build is slow.
const TASKS: usize = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
const CROWD: usize = 200;

/// Works as our worker does, from when all are there; how many tasks it did.
fn work(address: &str, all_here: &Barrier) -> usize {
    let mut farm = open_manager(address, &Key::from(KEY)).unwrap();
    all_here.wait();
    let mut did = 0;
    loop {
        let leases = farm.take(1, Duration::from_secs(1)).unwrap();
        if leases.is_empty() && farm.is_closed().unwrap() {
            return did;
        }
        for lease in leases {
            let (task, result) = (lease.task.id, result(&lease));
            farm.complete(&[Done { task, result }]).unwrap();
            did += 1;
        }
    }
}

fn result(lease: &Lease) -> Value {
    let n = lease.task.body.as_int().unwrap();
    format!("{n} * {n} = {}", n * n).into()
}

/// How many tasks the crowd did together. All of it is connected before
/// `start` is called and the first of them takes a task.
fn crowd(address: &str, start: impl FnOnce()) -> usize {
    let all_here = &Barrier::new(CROWD + 1);
    thread::scope(|s| {
        let work = || s.spawn(|| work(address, all_here));
        let workers: Vec<_> = (0..CROWD).map(|_| work()).collect();
        all_here.wait();
        start();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    })
}

fn quiet_master() -> (Background, String) {
    master(&["--quiet", "--tasks", &TASKS.to_string()])
}

#[track_caller]
fn assert_each_once(run: &Run, workers: usize) {
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    let seen = format!("tasks: {TASKS}, workers seen: {workers}");
    let once = "given out again: 0, results dropped: 0";
    run.one(&format!("master ({{M}}): {seen}, {once}, tasks a second: {{n}}"));
}

#[test]
fn two_hundred_workers_do_each_task_once() {
    let (master, address) = quiet_master();
    let before = Memory::of(&master).resident;
    // The master does not leave before this one, who does nothing.
    let idle = open_manager(&*address, &Key::from(KEY)).unwrap();
    assert_eq!(crowd(&address, || ()), TASKS);
    let grown = Memory::of(&master).resident - before;
    drop(idle);
    assert_each_once(&master.end(), CROWD);
    let (of_a_worker, of_a_task) = (128 << 10, 1 << 10);
    let enough = CROWD * of_a_worker + TASKS * of_a_task;
    assert!(grown < enough as i64, "{grown} bytes");
}

#[test]
#[ignore = "needs python3"]
fn pythons_in_the_crowd_do_their_part() {
    let (master, address) = quiet_master();
    let python = pythons().pop().expect("at least one");
    // Each takes one task, and the others when the crowd is there as well.
    let gate = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gate.local_addr().unwrap().port();
    let code = format!(
        "
import socket
n = task.get()
result.put('%d * %d = %d' % (n, n, n * n))
print('did one')
socket.create_connection(('127.0.0.1', {port})).recv(1)
did = 1
try:
    while True:
        n = task.get(timeout=1)
        result.put('%d * %d = %d' % (n, n, n * n))
        did += 1
except queue.Empty:
    print('did', did, 'tasks')
"
    );
    let start = |_| Background::start(&mut client(&python, &address, &code));
    let mut pythons: Vec<_> = (0..4).map(start).collect();
    let did_one = |one: &mut Background| drop(one.wait_for("did one"));
    pythons.iter_mut().for_each(did_one);
    let open = || (0..4).for_each(|_| drop(gate.accept().unwrap()));
    let ours = crowd(&address, open);
    let did = |one: &mut Background| one.wait_for("did {n} tasks").number("n");
    let theirs: Vec<_> = pythons.iter_mut().map(did).collect();
    assert!(ours > 0, "{theirs:?}");
    assert_eq!(ours + theirs.iter().sum::<f64>() as usize, TASKS);
    assert_each_once(&master.end(), CROWD + 4);
}
