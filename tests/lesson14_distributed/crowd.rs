//! Two hundred workers at one master, and a thousand: nothing is lost, nothing
//! comes twice, and the master needs little memory and few descriptors for it.

use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use harness::{Background, Run, pythons};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pymanagers::{Key, Value};
use task_farm::{Done, Lease, open_manager};

use super::processes::{KEY, Memory, lesson, master};
use super::scripts::client;

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
            let task = lease.task.id;
            let result = result(&lease);
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
    // The master does not leave before this worker, which does nothing.
    let idle = open_manager(&*address, &Key::from(KEY)).unwrap();
    assert_eq!(crowd(&address, || ()), TASKS);
    let grown = Memory::of(&master).resident - before;
    drop(idle);
    assert_each_once(&master.end(), CROWD);
    let of_a_worker = 128 << 10;
    let of_a_task = 1 << 10;
    let enough = CROWD * of_a_worker + TASKS * of_a_task;
    assert!(grown < enough as i64, "{grown} bytes");
}

/// Sixty results of a megabyte, of which the master keeps none.
#[test]
fn a_master_gives_a_result_up_once_it_is_collected() {
    let (mut master, address) = master(&["--quiet", "--tasks", "61"]);
    let mut farm = open_manager(&*address, &Key::from(KEY)).unwrap();
    let mut before = None;
    for _ in 0..60 {
        let lease = farm.take(1, Duration::ZERO).unwrap().remove(0);
        let task = lease.task.id;
        let result = Value::Bytes(vec![7; 1 << 20]);
        before.get_or_insert_with(|| Memory::of(&master).resident);
        farm.complete(&[Done { task, result }]).unwrap();
    }
    master.wait_for("master ({M}): 60 of 61 done, {*}");
    let grown = Memory::of(&master).resident - before.expect("sixty tasks");
    assert!(grown < 30 << 20, "{grown} bytes");
    let lease = farm.take(1, Duration::ZERO).unwrap().remove(0);
    let task = lease.task.id;
    let result = Value::None;
    farm.complete(&[Done { task, result }]).unwrap();
    drop(farm);
    assert_eq!(master.end().code, Some(0));
}

/// A master that may have so many descriptors, once it has put its tasks.
fn master_with_descriptors(most: usize, tasks: &str) -> (Background, String) {
    let script = format!("ulimit -n {most}; exec \"$0\" \"$@\"");
    let lesson = lesson(&["master", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(lesson.get_program());
    command.args(lesson.get_args()).args(["--quiet", "--tasks", tasks]);
    let set = lesson.get_envs().filter_map(|(name, to)| Some((name, to?)));
    let mut master = Background::start(command.envs(set));
    let found = master.wait_for("master ({M}): listens on {address}");
    let address = found.text("address").to_string();
    master.wait_for("master ({M}): Try get results...");
    (master, address)
}

/// So many workers that connect at the same time. All of them are in before
/// the first one takes a task; how many tasks they did.
fn all_at_once(address: &str, workers: usize) -> usize {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let enough = (4 * workers as u64 + 1000).min(hard).max(soft);
    setrlimit(Resource::RLIMIT_NOFILE, enough, hard).unwrap();
    let start = &Barrier::new(workers);
    let all_here = &Barrier::new(workers);
    thread::scope(|s| {
        let work = || {
            start.wait();
            work(address, all_here)
        };
        let workers: Vec<_> = (0..workers).map(|_| s.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    })
}

/// All tasks are done, and the master had descriptors for all workers.
#[track_caller]
fn assert_all_got_in(master: Background, tasks: usize) {
    let run = master.end();
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    run.one(&format!("master ({{M}}): tasks: {tasks}, {{*}}"));
    assert_eq!(run.all(NO_MORE).len(), 0, "{:#?}", run.lines);
}

const NO_MORE: &str = "master ({M}): no more workers can connect: Too many {*}";

/// Each takes one descriptor, and one more while it connects.
#[test]
fn four_hundred_workers_need_few_descriptors() {
    let (master, address) = master_with_descriptors(1024, "1000");
    assert_eq!(all_at_once(&address, 400), 1000);
    assert_all_got_in(master, 1000);
}

#[test]
fn a_thousand_workers_that_start_at_once_get_in() {
    let (master, address) = master_with_descriptors(2200, "1000");
    assert_eq!(all_at_once(&address, 1000), 1000);
    assert_all_got_in(master, 1000);
}

#[test]
fn a_master_without_descriptors_says_so_and_serves_on() {
    let (mut master, address) = master_with_descriptors(40, "100");
    let open: Vec<_> =
        (0..60).map(|_| TcpStream::connect(&address).unwrap()).collect();
    master.wait_for(NO_MORE);
    drop(open);
    assert_eq!(all_at_once(&address, 10), 100);
    assert_eq!(master.end().code, Some(0));
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
    let start =
        |_| Background::start(&mut client(&python, &address, KEY, &code));
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
