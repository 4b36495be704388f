//! What Python workers do, and our master must bear: nothing is lost, nothing
//! is credited to another task, and no side waits forever.

use harness::{Background, Run};
use nix::sys::signal::Signal::{SIGCONT, SIGKILL, SIGSTOP, SIGTERM};

use super::processes::{
    KEY, assert_all_results, assert_failure, given_out_again, master, worker,
};
use super::scripts::{assert_fine, bare_script, client, newest_python, script};
use super::{RESULT, RUN};

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
        assert_fine(bare_script(&address, &code));
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
            "taken = queue.Queue()
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

/// The thread that took the tasks lives, or has ended; its process is killed.
#[test]
#[ignore = "needs python3"]
fn the_tasks_of_threads_that_are_killed_go_to_another() {
    for waits in ["taker.join()", "pass"] {
        let args = ["--tasks", "4", "--lease", "2"];
        let (master, address) = master(&args);
        let code = format!(
            "def take():
    task.get()
    task.get()
    if {waits:?} == 'pass': time.sleep(600)
taker = threading.Thread(target=take, daemon=True)
taker.start()
{waits}
while task.qsize() > 2: time.sleep(0.01)
print('took')
time.sleep(600)"
        );
        let mut theirs = script(&address, &code);
        theirs.wait_for("took");
        theirs.signal(SIGKILL);
        assert_eq!(worker(&address, &["--delay", "0"]).end().code, Some(0));
        let run = master.end();
        assert_all_results(&run, 4);
        assert_eq!(given_out_again(&run), 2.0);
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
    assert_fine(bare_script(&address, code));
    assert_all_came(&master.end(), 5);
}

#[test]
#[ignore = "needs python3"]
fn a_heartbeat_is_no_result() {
    let (master, address) = master(&["--tasks", "3"]);
    let code = "
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
while True:
    n = task.get()
    if os.environ['POISON'] in ('', str(n)):
        print('took', n)
        sys.stdout.flush()
        os._exit(1)
    result.put('%d * %d = %d' % (n, n, n * n))";
    let poison = |n: &str| {
        let python = newest_python();
        let mut command = client(&python, &address, KEY, code);
        Background::start(command.env("POISON", n)).end()
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

/// Its `put` raises, and names the limit; the connection continues.
#[test]
#[ignore = "needs python3"]
fn a_result_over_the_limit_is_refused_by_name() {
    let (master, address) = master(&["--tasks", "1"]);
    let code = "
from multiprocessing.managers import RemoteError
n = task.get()
try:
    result.put('x' * (17 << 20))
except RemoteError as error:
    print('refused:', str(error).strip('-\\n ').splitlines()[-1])
result.put('%d * %d = %d' % (n, n, n * n))";
    let run = assert_fine(script(&address, code));
    run.one("refused: ValueError: {*} (the limit is 16777216)");
    let run = master.end();
    assert_all_results(&run, 1);
    assert_eq!(given_out_again(&run), 0.0);
}

#[test]
#[ignore = "needs python3"]
fn an_exception_may_be_a_result() {
    let (master, address) = master(&["--tasks", "2"]);
    let code = "
for _ in range(2):
    result.put(ValueError('%d is odd' % task.get()))";
    assert_fine(script(&address, code));
    let run = master.end();
    assert_all_came(&run, 2);
    let odd = "master ({M}): Result: ValueError('{n} is odd')";
    assert_eq!(run.all(odd).len(), 2, "{:#?}", run.lines);
}

#[test]
#[ignore = "needs python3"]
fn what_would_drive_a_terminal_is_escaped() {
    let (master, address) = master(&["--tasks", "1"]);
    let code = "
n = task.get()
result.put('\\x1b[2J\\r\\nmaster exit.')
result.put('%d * %d = %d' % (n, n, n * n))";
    assert_fine(script(&address, code));
    let run = master.end();
    assert_all_results(&run, 1);
    let escaped = r"\x1b[2J\r\nmaster exit.";
    run.one(&format!("master ({{M}}): Result of some task: {escaped}"));
}

#[test]
#[ignore = "needs python3"]
fn a_lease_of_zero_is_a_plain_queue() {
    let (master, address) = master(&["--tasks", "2", "--lease", "0"]);
    let code = "
for _ in range(2):
    n = task.get()
    result.put(n * n)";
    assert_fine(script(&address, code));
    let run = master.end();
    assert_all_came(&run, 2);
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
