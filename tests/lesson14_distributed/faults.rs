//! What Python scripts do, and our side must stand: nothing is lost, nothing
//! is credited to another task, and no side waits forever.

use std::path::PathBuf;
use std::process::Command;

use harness::{Background, Run, pythons};
use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGSTOP, SIGTERM};

use super::processes::{
    KEY, assert_all_results, assert_failure, given_out_again, lesson, master,
    worker,
};
use super::python::port;
use super::{RESULT, RUN};

/// One CPython: what these scripts do is the same on all.
fn python() -> PathBuf {
    let all = pythons();
    let newest =
        all.iter().find(|it| it.display().to_string().contains("3.13"));
    newest.or(all.last()).expect("at least one").clone()
}

/// Some lines of Python, with a manager `m` that has connected and no proxy.
fn script(address: &str, code: &str) -> Background {
    let port = port(address);
    let code = format!(
        "import os, queue, sys, threading, time
from multiprocessing.managers import BaseManager
class QueueManager(BaseManager): pass
QueueManager.register('get_task_queue')
QueueManager.register('get_result_queue')
m = QueueManager(address=('127.0.0.1', {port}), authkey=b'{KEY}')
m.connect()
{code}
print('fine')
"
    );
    let mut command = Command::new(python());
    Background::start(command.args(["-u", "-c", &code]))
}

#[track_caller]
fn assert_fine(script: Background) -> Run {
    let run = script.end();
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    run
}

/// The results that no task could be found for, as many as tasks.
#[track_caller]
fn assert_all_came(run: &Run, tasks: usize) {
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    let some = "master ({M}): Result of some task: {*}";
    let all = run.all(some).len() + run.all("master ({M}): Result: {*}").len();
    assert_eq!(all, tasks, "{:#?}", run.lines);
    run.one(&format!("master ({{M}}): tasks: {tasks}, {{*}}"));
}

#[test]
#[ignore = "needs python3"]
fn a_fresh_proxy_for_each_call_brings_all_results() {
    for result in ["'%d * %d = %d' % (n, n, n * n)", "n * n", "'did %d' % n"] {
        let (master, address) = master(&["--tasks", "5"]);
        let code = format!(
            "for _ in range(5):
    n = m.get_task_queue().get()
    m.get_result_queue().put({result})"
        );
        assert_fine(script(&address, &code));
        let run = master.end();
        assert_all_came(&run, 5);
        assert_eq!(given_out_again(&run), 0.0);
    }
}

#[test]
#[ignore = "needs python3"]
fn threads_may_take_and_others_bring() {
    for result in ["'%d * %d = %d' % (n, n, n * n)", "n * n"] {
        let (master, address) = master(&["--tasks", "5"]);
        let code = format!(
            "task, result = m.get_task_queue(), m.get_result_queue()
taken = queue.Queue()
def take():
    for _ in range(5):
        taken.put(task.get())
def bring():
    n = taken.get()
    result.put({result})
taker = threading.Thread(target=take)
taker.start()
taker.join() # Its connection has closed.
others = [threading.Thread(target=bring) for _ in range(5)]
for other in others: other.start()
for other in others: other.join()"
        );
        assert_fine(script(&address, &code));
        let run = master.end();
        assert_all_came(&run, 5);
        assert_eq!(given_out_again(&run), 0.0);
    }
}

#[test]
#[ignore = "needs python3"]
fn a_parent_may_take_and_a_pool_bring() {
    let (master, address) = master(&["--tasks", "5"]);
    let code = "
import multiprocessing
task = m.get_task_queue()
tasks = [task.get() for _ in range(5)]
def bring(n):
    m.get_result_queue().put(n * n)
with multiprocessing.get_context('fork').Pool(2) as pool:
    pool.map(bring, tasks)
    pool.close()
    pool.join()";
    assert_fine(script(&address, code));
    assert_all_came(&master.end(), 5);
}

#[test]
#[ignore = "needs python3"]
fn a_heartbeat_is_no_result() {
    let (master, address) = master(&["--tasks", "3"]);
    let code = "
task, result = m.get_task_queue(), m.get_result_queue()
for _ in range(3):
    n = task.get()
    result.put('HEARTBEAT')
    result.put('%d * %d = %d' % (n, n, n * n))";
    assert_fine(script(&address, code));
    let run = master.end();
    assert_all_results(&run, 3);
    let beats = "master ({M}): Result of some task: HEARTBEAT";
    assert_eq!(run.all(beats).len(), 3, "{:#?}", run.lines);
}

#[test]
#[ignore = "needs python3"]
fn a_result_is_credited_to_no_other_task() {
    let (mut master, address) = master(&["--tasks", "3", "--lease", "2"]);
    let code = "
task, result = m.get_task_queue(), m.get_result_queue()
first, second = task.get(), task.get()
result.put(second * second) # An exception ate the first one's.
os._exit(0)";
    script(&address, code).end();
    master.wait_for("master ({M}): Result of some task: {n}");
    assert_eq!(worker(&address, &["--delay", "0"]).end().code, Some(0));
    assert_all_results(&master.end(), 3);
}

#[test]
#[ignore = "needs python3"]
fn a_worker_that_asks_on_waits_as_it_asked() {
    let (master, address) = master(&["--tasks", "2"]);
    let code = "
task, result = m.get_task_queue(), m.get_result_queue()
for _ in range(2):
    n = task.get()
    result.put('%d * %d = %d' % (n, n, n * n))
asked = 0
try:
    while True:
        asked += 1
        try: task.get(timeout=1)
        except queue.Empty: pass
except (EOFError, ConnectionError): # As under a master of Python's.
    print('asked', asked)";
    let run = assert_fine(script(&address, code));
    assert!(run.one("asked {n}").1.number("n") < 10.0, "{:#?}", run.lines);
    assert_all_results(&master.end(), 2);
}

#[test]
#[ignore = "needs python3"]
fn a_task_that_ends_its_workers_is_given_up() {
    let (master, address) = master(&["--tasks", "8", "--tries", "3"]);
    let code = "
task, result = m.get_task_queue(), m.get_result_queue()
while True:
    n = task.get()
    if os.environ['POISON'] in ('', str(n)):
        print('took', n)
        sys.stdout.flush()
        os._exit(1)
    result.put('%d * %d = %d' % (n, n, n * n))";
    let poison = |n: &str| {
        let port = port(&address);
        let head = format!(
            "import os, sys
from multiprocessing.managers import BaseManager
class QueueManager(BaseManager): pass
QueueManager.register('get_task_queue')
QueueManager.register('get_result_queue')
m = QueueManager(address=('127.0.0.1', {port}), authkey=b'{KEY}')
m.connect()
{code}"
        );
        let mut command = Command::new(python());
        command.args(["-u", "-c", &head]).env("POISON", n);
        Background::start(&mut command).end()
    };
    let first = poison("");
    let n = first.one("took {n}").1.text("n").to_string();
    for _ in 0..2 {
        poison(&n).one(&format!("took {n}"));
    }
    let run = master.end();
    assert_eq!(run.code, Some(0));
    run.one(&format!(
        "master ({{M}}): Failed: task {n}: given up after 3 deliveries"
    ));
    assert_eq!(run.all(RESULT).len(), 7, "{:#?}", run.lines);
    run.one("master ({M}): tasks: 7, workers seen: 3, failed: 1, {*}");
}

#[test]
#[ignore = "needs python3"]
fn a_lease_of_zero_is_a_plain_queue() {
    let (master, address) = master(&["--tasks", "2", "--lease", "0"]);
    let code = "
task, result = m.get_task_queue(), m.get_result_queue()
for _ in range(2):
    n = task.get()
    result.put(n * n)";
    assert_fine(script(&address, code));
    let run = master.end();
    assert_all_came(&run, 2);
}

/// A plain Python master with these tasks, which then does this.
fn python_master(tasks: &str, code: &str) -> (Background, String) {
    let code = format!(
        "import queue, sys, time
from collections import deque
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
tasks, results = queue.Queue(), queue.Queue()
class QueueManager(BaseManager): pass
QueueManager.register('get_task_queue', callable=lambda: tasks)
QueueManager.register('get_result_queue', callable=lambda: results)
QueueManager.register('stop', callable=lambda: tasks.shutdown() or tasks)
m = QueueManager(('127.0.0.1', 0), b'{KEY}', ctx=get_context('fork'))
m.start()
task, result = m.get_task_queue(), m.get_result_queue()
for value in {tasks}: task.put(value)
print('port', m.address[1])
{code}
print('master exit')
"
    );
    let mut command = Command::new(python());
    let mut master = Background::start(command.args(["-u", "-c", &code]));
    let port = master.wait_for("port {port}").text("port").to_string();
    (master, format!("127.0.0.1:{port}"))
}

#[test]
#[ignore = "needs python3"]
fn a_stopped_worker_gives_its_batch_back_to_a_python_master() {
    let code = "
while result.qsize() < 2 or task.qsize() < 3: time.sleep(0.05)
print('done', sorted(result.get() for _ in range(2)))
print('left', sorted(task.get() for _ in range(3)))";
    for signal in [SIGTERM, SIGINT] {
        let (master, address) = python_master("[1, 2, 3, 4, 5]", code);
        let mut command = lesson(&["worker", "--connect", &address]);
        command.args(["--batch", "5", "--delay", "0.5"]);
        command.env("LESSON_PACE", "1");
        let mut ours = Background::start(&mut command);
        for _ in 0..3 {
            ours.wait_for(RUN);
        }
        ours.signal(signal);
        let run = ours.end();
        run.one("worker ({P}): tasks given back: 3");
        assert_failure(run, "{*}: worker: the worker was stopped");
        let run = assert_fine(master);
        run.one("done ['1 * 1 = 1', '2 * 2 = 4']");
        run.one("left [3, 4, 5]");
    }
}

#[test]
#[ignore = "needs python3"]
fn a_python_master_that_joins_its_queue_goes_on() {
    let (master, address) = python_master("[1, 2, 3]", "task.join()");
    let ours = worker(&address, &["--delay", "0"]).end();
    assert_eq!(ours.code, Some(0), "{:#?}", ours.lines);
    assert_fine(master);
}

#[test]
#[ignore = "needs python3"]
fn numbers_of_every_kind_are_numbers() {
    let tasks = "[2.5, 10 ** 30, -3, True]";
    let code = "for _ in range(4): print('result', result.get())";
    let (master, address) = python_master(tasks, code);
    worker(&address, &["--delay", "0"]).end();
    let run = assert_fine(master);
    run.one("result 2.5 * 2.5 = 6.25");
    let zeros = "0".repeat(30);
    run.one(&format!("result 1{zeros} * 1{zeros} = 1{zeros}{zeros}"));
    run.one("result -3 * -3 = 9");
    run.one("result True * True = 1");
}

#[test]
#[ignore = "needs python3"]
fn a_task_that_cannot_be_read_is_answered_and_passed_over() {
    let deep = "__import__('functools').reduce(lambda it, _: [it], range(150))";
    let tasks = format!("[deque([1]), '\\ud800', {deep}, 'x' * (17 << 20), 3]");
    let code = "for _ in range(5): print('result', result.get()[:60])";
    let (master, address) = python_master(&tasks, code);
    let ours = worker(&address, &["--delay", "0"]).end();
    assert_eq!(ours.code, Some(0), "{:#?}", ours.lines);
    let run = assert_fine(master);
    assert_eq!(run.all("result {*}").len(), 5);
    assert_eq!(run.all("result a task could not be read: {*}").len(), 2);
    run.one("result 3 * 3 = 9");
}

#[test]
#[ignore = "needs python3"]
fn a_pill_ends_a_worker_and_has_no_result() {
    for pill in ["None", "'end'"] {
        let tasks = format!("[1, {pill}, 2]");
        let code = "print('one', result.get())
while not m._process.is_alive() or task.qsize() != 1: time.sleep(0.05)
time.sleep(0.2)
print('left', task.get(), result.qsize())";
        let (master, address) = python_master(&tasks, code);
        let args = ["--delay", "0", "--stop-at", pill];
        assert_eq!(worker(&address, &args).end().code, Some(0));
        let run = assert_fine(master);
        run.one("one 1 * 1 = 1");
        run.one("left 2 0");
    }
}

#[test]
#[ignore = "needs python3"]
fn a_queue_that_is_shut_down_ends_a_worker_in_peace() {
    let code = "print('result', result.get())
if sys.version_info >= (3, 13): m.stop()
time.sleep(1)";
    let (mut master, address) = python_master("[1]", code);
    let ours = worker(&address, &["--delay", "0"]);
    master.wait_for("result 1 * 1 = 1");
    let run = ours.end();
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    assert_fine(master);
}

#[test]
fn a_master_that_stands_still_does_not_hold_a_worker_that_is_stopped() {
    let (mut master, address) = master(&["--tasks", "1"]);
    let mut ours = worker(&address, &["--delay", "10000"]);
    ours.wait_for(RUN);
    master.signal(SIGSTOP);
    ours.signal(SIGTERM);
    let lost = "the worker was stopped; 1 task could not be given back";
    assert_failure(ours.end(), &format!("{{*}}: worker: {lost}"));
    master.signal(SIGCONT);
    let _other = worker(&address, &["--delay", "0"]);
    master.wait_for(RESULT);
    assert_all_results(&master.end(), 1);
}
