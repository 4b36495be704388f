//! What Python masters do, and our worker must bear.

use std::process::Command;
use std::time::Duration;

use harness::Background;
use nix::sys::signal::Signal::{SIGINT, SIGTERM};

use super::RUN;
use super::processes::{KEY, assert_failure, lesson, worker};
use super::scripts::{address, assert_fine, newest_python};

/// A plain Python master with these tasks, which then does this.
fn python_master(tasks: &str, code: &str) -> (Background, String) {
    python_master_with(tasks, "queue.Queue()", code)
}

/// The same with another queue for results.
fn python_master_with(
    tasks: &str,
    results: &str,
    code: &str,
) -> (Background, String) {
    let code = format!(
        "import queue, sys, time
from collections import deque
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
tasks, results = queue.Queue(), {results}
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
    let mut command = Command::new(newest_python());
    let mut master = Background::start(command.args(["-u", "-c", &code]));
    let address = address(&mut master);
    (master, address)
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
fn a_python_master_that_joins_its_queue_returns() {
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
fn a_worker_exits_with_status_0_when_its_queue_is_shut_down() {
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

/// The worker waits with a result in its hand, for as long as it must.
#[track_caller]
fn assert_bounded_queue_loses_nothing(seconds: u32) {
    let code = format!(
        "while result.qsize() < 1 or task.qsize() > 8: time.sleep(0.01)
time.sleep({seconds})
for _ in range(10): print('result', result.get())
task.join()"
    );
    let (master, address) = python_master_with(
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]",
        "queue.Queue(maxsize=1)",
        &code,
    );
    let mut ours = lesson(&["worker", "--connect", &address]);
    let ours = ours.args(["--delay", "0"]);
    let wait = Duration::from_secs(u64::from(seconds) + 60);
    let ours = Background::start(ours).deadline(wait).end();
    assert_eq!(ours.code, Some(0), "{:#?}", ours.lines);
    let run = assert_fine(master.deadline(wait));
    for n in 1..=10 {
        run.one(&format!("result {n} * {n} = {}", n * n));
    }
}

#[test]
#[ignore = "needs python3"]
fn a_bounded_result_queue_costs_no_task() {
    assert_bounded_queue_loses_nothing(3);
}

/// Longer than a call may last that is not asked to wait.
#[test]
#[ignore = "takes a minute"]
fn a_bounded_result_queue_that_is_read_late_costs_no_task() {
    assert_bounded_queue_loses_nothing(70);
}

/// A queue of the master's own class, which has a method that our server's
/// queue does not have, and a subclass of `list` as a task.
#[test]
#[ignore = "needs python3"]
fn a_queue_and_a_task_may_be_of_the_masters_own_classes() {
    let code = "
class Numbers(list): pass
class Tasks(queue.Queue):
    def status(self): return 'fine'
tasks = Tasks()
class Own(QueueManager): pass
Own.register('get_task_queue', callable=lambda: tasks)
m = Own(('127.0.0.1', 0), b'abc', ctx=get_context('fork'))
m.start()
task, result = m.get_task_queue(), m.get_result_queue()
for value in [Numbers([1]), 3]: task.put(value)
print('own', m.address[1])
for _ in range(2): print('result', result.get())";
    let (mut master, _) = python_master("[]", code);
    let port = master.wait_for("own {port}").text("port").to_string();
    let address = format!("127.0.0.1:{port}");
    let ours = worker(&address, &["--delay", "0"]).end();
    assert_eq!(ours.code, Some(0), "{:#?}", ours.lines);
    let run = assert_fine(master);
    run.one("result {*}Numbers{*} is not a number");
    run.one("result 3 * 3 = 9");
}
