//! CPython on the other side: every one from 3.8 up that is here.

use std::process::Command;

use harness::{Background, Found, Run, pythons};
use pymanagers::Key;
use pymanagers::auth::{response, verify};
use regex_lite::Regex;

use super::processes::{KEY, assert_all_results, lesson, master, worker};
use super::scripts::{MASTER, Scripts, WORKER, address, client, port};

fn numbers(run: &Run, pattern: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let found = run.lines.iter().filter_map(|line| pattern.captures(line));
    found.map(|found| found[1].to_string()).collect()
}

/// The tasks of a master that has all results, right and in their order.
#[track_caller]
fn in_order(master: &Run) -> Vec<String> {
    let tasks = numbers(master, "Put task ([0-9]+)...$");
    let results = numbers(master, "Result: (.*)$");
    let squares = tasks.iter().map(|n| {
        let square = n.parse::<u64>().unwrap().pow(2);
        format!("{n} * {n} = {square}")
    });
    assert_eq!(results, squares.collect::<Vec<_>>(), "{:#?}", master.lines);
    tasks
}

#[test]
#[ignore = "needs python3"]
fn the_documents_worker_works_for_our_master() {
    let scripts = Scripts::new();
    for python in pythons() {
        let (master, address) = master(&[]);
        let mut theirs = scripts.run(&python, WORKER, port(&address));
        let theirs = Background::start(&mut theirs).end();
        let ours = master.end();
        assert_eq!(theirs.code, Some(0), "{python:?} {:#?}", theirs.lines);
        assert_all_results(&ours, 10);
        assert_eq!(numbers(&theirs, "^run task ([0-9]+) "), in_order(&ours));
        assert_eq!(theirs.lines.last().unwrap(), "worker exit.");
    }
}

#[test]
#[ignore = "needs python3"]
fn an_empty_queue_is_empty_for_the_documents_worker() {
    let scripts = Scripts::new();
    let text = include_str!("documents_worker.py");
    assert!(text.contains("except Queue.Empty"), "a name that is not there");
    let text = text.replace("except Queue.Empty", "except queue.Empty");
    scripts.write("corrected.py", &text);
    for python in pythons() {
        for name in [WORKER, "corrected.py"] {
            let (master, address) = master(&["--tasks", "3"]);
            let mut theirs = scripts.run(&python, name, port(&address));
            let theirs = Background::start(&mut theirs).end();
            assert_all_results(&master.end(), 3);
            let last = theirs.lines.last().unwrap();
            if name == WORKER {
                assert_eq!(theirs.code, Some(1));
                let words = "NameError: name 'Queue' is not defined";
                assert!(last.starts_with(words), "{last}");
                continue;
            }
            // It asks on until the master has left, as under Python's.
            assert!(!theirs.all("task queue is empty.").is_empty());
            let ends = ["worker exit.", "EOFError", "ConnectionResetError"];
            let is_end = |end: &&str| last.starts_with(*end);
            assert!(ends.iter().any(is_end), "{:#?}", theirs.lines);
        }
    }
}

#[test]
#[ignore = "needs python3"]
fn our_worker_works_for_the_documents_master() {
    let scripts = Scripts::new();
    for python in pythons() {
        let mut theirs = scripts.run(&python, MASTER, "0");
        let mut theirs = Background::start(&mut theirs);
        let address = address(&mut theirs);
        theirs.wait_for("Try get results...");
        let ours = worker(&address, &["--delay", "0.1"]).end();
        let theirs = theirs.end();
        assert_eq!(theirs.code, Some(0), "{python:?} {:#?}", theirs.lines);
        assert_eq!(ours.code, Some(0), "{python:?} {:#?}", ours.lines);
        let tasks = in_order(&theirs);
        assert_eq!(tasks.len(), 10);
        assert_eq!(numbers(&ours, ": run task ([0-9]+) "), tasks);
        assert_eq!(theirs.lines.last().unwrap(), "master exit.");
    }
}

/// Queues of functions with names can be pickled, which `spawn` and
/// `forkserver` need; the latter is the default on Linux from 3.14 on.
#[test]
#[ignore = "needs python3"]
fn our_worker_works_for_a_master_of_every_start_method() {
    let scripts = Scripts::new();
    for python in pythons() {
        for method in ["fork", "spawn", "forkserver"] {
            let mut theirs = scripts.run_twin(&python, method);
            let mut theirs = Background::start(&mut theirs);
            let listens = theirs.wait_for("master ({P}): listens on {address}");
            theirs.wait_for("master ({P}): Try get results...");
            let address = listens.text("address").to_string();
            let ours = worker(&address, &["--delay", "0.1"]).end();
            let theirs = theirs.end();
            let output = format!("{python:?} {method} {:#?}", theirs.lines);
            assert_eq!(
                (theirs.code, ours.code),
                (Some(0), Some(0)),
                "{output}"
            );
            assert_eq!(in_order(&theirs).len(), 10);
        }
    }
}

/// What the code of a client may call.
const CHECKS: &str = "
def ends_with(error, words):
    text = str(error).rstrip()
    assert text.endswith(words), text
def raises(kind, call, *args, **more):
    try:
        call(*args, **more)
    except kind as error:
        return error
    raise AssertionError('not raised')
task, result = m.get_task_queue(), m.get_result_queue()
";

/// Runs it with each CPython, against a new master, which then still works.
fn assert_with_each(tasks: &str, code: &str) {
    for python in pythons() {
        let (master, address) = master(&["--tasks", tasks]);
        let code = format!("{CHECKS}{code}");
        let mut client = client(&python, &address, KEY, &code);
        let run = Background::start(&mut client).end();
        let output = format!("{python:?} {:#?}", run.lines);
        assert_eq!(run.code, Some(0), "{output}");
        assert_eq!(run.lines, ["fine"], "{output}");
        worker(&address, &["--delay", "0"]).end();
        assert_all_results(&master.end(), tasks.parse().unwrap());
    }
}

#[test]
#[ignore = "needs python3"]
fn the_queues_behave_like_pythons() {
    let code = "
assert task.qsize() == 1 and not task.empty() and not task.full()
n = task.get_nowait()
assert task.empty() and task.qsize() == 0
task.task_done()
raises(ValueError, task.task_done)
raises(queue.Empty, task.get_nowait)
raises(queue.Empty, task.get, False)
raises(queue.Empty, task.get, block=False)
raises(queue.Empty, task.get, True, 0.01)
raises(queue.Empty, task.get, timeout=0.01)
raises(queue.Empty, task.get, True, timeout=0)
raises(ValueError, task.get, True, -1)
raises(TypeError, task.get, 1, 2, 3)
raises(TypeError, task.get, time=1)
result.put('%d * %d = %d' % (n, n, n * n), True, None)
raises(ValueError, result.get, timeout=1)
values = [None, True, 2 ** 200, 0.5, 'text', b'bytes', (1, 2), {'a': {1: 2}},
          {1, 2}, bytearray(b'abc'), [None] * 1000, '\\u4e24\\u70b9']
for value in values:
    result.put_nowait(value)
assert result.qsize() == 0
assert '_get_task' not in str(task)
";
    assert_with_each("1", code);
}

#[test]
#[ignore = "needs python3"]
fn an_unknown_name_fails_alone() {
    let code = "
from multiprocessing.managers import RemoteError
ends_with(raises(RemoteError, m.get_gone), \"KeyError: 'get_gone'\\n\" + '-' * 75)
ends_with(raises(RemoteError, m.get_task_queue, 1), '-' * 75)
";
    assert_with_each("2", code);
}

#[test]
#[ignore = "needs python3"]
fn a_python_worker_puts_no_tasks() {
    let code = "
from fractions import Fraction
words = str(raises(ValueError, task.put, Fraction(1, 2)))
assert 'only the master puts tasks' in words, words
";
    assert_with_each("2", code);
}

/// Random keys, messages and answers, and what CPython makes of them.
const CASES: &str = "
import hmac, os, random
from multiprocessing import AuthenticationError, connection as c
tags = [b'', b'{md5}', b'{sha256}', b'{sha384}', b'{sha1}', b'{}', b'{sha256',
        b'{sha512}', b'{MD5}', b'sha256}', b'{12345678}', b'{123456789}']
lengths = [0, 1, 4, 12, 16, 20, 32, 40, 48]
def create(key, message):
    return hmac.new(key, message, 'md5').digest()
def verify(key, message, answer):
    if answer != create(key, message):
        raise AuthenticationError
if hasattr(c, '_create_response'):
    create, verify = c._create_response, c._verify_challenge
else: # Up to 3.11 it knows nothing else.
    tags, lengths = [b''], [20]
def judge(call, *args):
    try:
        return call(*args)
    except AuthenticationError:
        return None
for _ in range(20000):
    key = os.urandom(random.choice([0, 1, 3, 20, 64, 65, 200]))
    message = random.choice(tags) + os.urandom(random.choice(lengths))
    answer = judge(create, key, message)
    other = bytearray(answer or os.urandom(16))
    if random.random() < 0.5:
        other[random.randrange(len(other))] ^= 1 << random.randrange(8)
    if random.random() < 0.2:
        other = other[:random.randrange(len(other))]
    if random.random() < 0.2:
        other = random.choice(tags) + other
    try:
        verify(key, message, bytes(other))
        right = 1
    except AuthenticationError:
        right = 0
    answer = '-' if answer is None else answer.hex()
    print(key.hex() + ',' + message.hex(), answer, bytes(other).hex(), right,
          sep=',')
";

#[test]
#[ignore = "needs python3"]
fn answers_to_random_challenges_are_those_of_cpython() {
    let bytes = |hex: &str| -> Vec<u8> {
        let digit = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    };
    for python in pythons() {
        let mut command = Command::new(&python);
        let output = command.args(["-c", CASES]).output().unwrap();
        assert!(output.status.success(), "{python:?}");
        let cases = String::from_utf8(output.stdout).unwrap();
        assert_eq!(cases.lines().count(), 20_000, "{python:?}");
        for case in cases.lines() {
            let parts: Vec<_> = case.split(',').collect();
            let [key, message, answer, other, right] = parts[..] else {
                panic!("{case}");
            };
            let key = Key::from(&bytes(key)[..]);
            let message = bytes(message);
            let wanted = (answer != "-").then(|| bytes(answer));
            assert_eq!(response(&key, &message), wanted, "{case}");
            let is_right = verify(&key, &message, &bytes(other));
            assert_eq!(is_right, right == "1", "{case}");
        }
    }
}

#[test]
#[ignore = "needs python3"]
fn a_wrong_key_is_refused_in_pythons_words() {
    for python in pythons() {
        let (mut master, address) = master(&["--tasks", "2"]);
        let mut wrong = client(&python, &address, "wrong", "");
        let run = Background::start(&mut wrong).end();
        assert_eq!(run.code, Some(1));
        let last = run.lines.last().unwrap();
        let words = "AuthenticationError: digest sent was rejected";
        assert!(last.ends_with(words), "{last}");
        let refused = "master ({M}): {peer}: digest received was wrong";
        let _: Found = master.wait_for(refused);
        worker(&address, &["--delay", "0"]).end();
        assert_all_results(&master.end(), 2);
    }
}

#[test]
#[ignore = "needs python3"]
fn the_task_of_a_python_worker_that_is_killed_goes_to_another() {
    for python in pythons() {
        let (master, address) = master(&["--tasks", "2"]);
        let code = "n = task.get(); print('took', n)
time.sleep(600)";
        let mut theirs =
            Background::start(&mut client(&python, &address, KEY, code));
        theirs.wait_for("took {n}");
        theirs.signal(nix::sys::signal::Signal::SIGKILL);
        worker(&address, &["--delay", "0"]).end();
        let run = master.end();
        assert_all_results(&run, 2);
        run.one("{*}given out again: 1, {*}");
    }
}

#[test]
#[ignore = "needs python3"]
fn an_object_as_a_task_stops_neither_side() {
    let code = "
import queue
from fractions import Fraction
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
tasks, results = queue.Queue(), queue.Queue()
def get_task_queue(): return tasks
def get_result_queue(): return results
class QueueManager(BaseManager): pass
QueueManager.register('get_task_queue', callable=get_task_queue)
QueueManager.register('get_result_queue', callable=get_result_queue)
if __name__ == '__main__':
    fork = get_context('fork') # Its child could not import this again.
    m = QueueManager(('127.0.0.1', 0), b'abc', ctx=fork)
    m.start()
    task, result = m.get_task_queue(), m.get_result_queue()
    for value in [2, Fraction(1, 2), 'text', 3]:
        task.put(value)
    print('port', m.address[1])
    print([result.get() for _ in range(4)])
";
    for python in pythons() {
        let mut command = Command::new(&python);
        let mut theirs = Background::start(command.args(["-u", "-c", code]));
        let address = address(&mut theirs);
        let ours = worker(&address, &["--delay", "0"]).end();
        assert_eq!(ours.code, Some(0), "{:#?}", ours.lines);
        ours.one("worker ({P}): fractions.Fraction({*}) is not a number");
        ours.one("worker ({P}): 'text' is not a number");
        let theirs = theirs.end();
        assert_eq!(theirs.code, Some(0));
        let results = theirs.lines.last().unwrap();
        assert!(results.starts_with("['2 * 2 = 4', "), "{results}");
        assert!(results.ends_with(", '3 * 3 = 9']"), "{results}");
    }
}

#[test]
#[ignore = "needs python3"]
fn our_worker_and_a_python_master_disagree_about_the_key() {
    let scripts = Scripts::new();
    for python in pythons() {
        let mut theirs = scripts.run(&python, MASTER, "0");
        let mut theirs = Background::start(&mut theirs);
        let address = address(&mut theirs);
        theirs.wait_for("Try get results...");
        let args = ["worker", "--connect", &address, "--authkey", "wrong"];
        let run = Background::start(&mut lesson(&args)).end();
        assert_eq!(run.code, Some(1));
        let last = run.lines.last().unwrap();
        assert!(last.ends_with("digest sent was rejected"), "{last}");
        worker(&address, &["--delay", "0.1"]).end();
        assert_eq!(theirs.end().code, Some(0), "and it keeps serving");
    }
}
