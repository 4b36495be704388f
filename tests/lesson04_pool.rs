//! What lesson 4 and its Python twin must show.
#![cfg(unix)]

use std::collections::{BTreeSet, HashSet};
use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use harness::{PartCheck, Run, lesson, twin};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

const PARTS: [PartCheck; 7] = [
    ("sequential", sequential),
    ("processes", processes),
    ("random", random),
    ("sizes", sizes),
    ("map", map),
    ("terminate", terminate),
    ("cores", cores),
];

const BEGINS: &str = "Run task {speaker} ({*})...";
const ENDS: &str = "Task {speaker} runs {*}";

const RESULT: &str = "Result: 1152921504606846976";

fn sequential(run: &Run) {
    let found = run.in_any_order(&[
        "This is the parent process: {P}",
        "Current process: {P} task 1",
        "Current process: {P} task 2",
        RESULT,
        RESULT,
        "One after the other: {one} seconds",
        "Two processes, before join: {before} seconds",
        "Current process: {C1} task 1",
        "Current process: {C2} task 2",
        RESULT,
        RESULT,
        "Two processes, after join: {after} seconds",
    ]);
    let pids: HashSet<_> =
        ["P", "C1", "C2"].iter().map(|speaker| found.text(speaker)).collect();
    assert_eq!(pids.len(), 3, "the parent and two others");
    let results = run.all(RESULT);
    let starts = run.all("Current process: {*}");
    assert!(results[0].0 < starts[1].0, "one after the other");
    assert!(run.lines.last().unwrap().starts_with("Two processes, after"));
}

fn random(run: &Run) {
    run.one("Parent process {P}.");
    let size = run.one("The default size is {n}").1.number("n");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // CPython before 3.13 counts the cores of the machine.
    assert!(size >= cores as f64, "{size} workers");
    assert!(run.most_in_flight(BEGINS, ENDS) <= size as usize);
    let end = "All subprocesses done.";
    for i in 0..10 {
        let ends = format!("Task {i} runs {{s}} seconds.");
        run.before(&format!("Run task {i} ({{*}})..."), &ends);
        run.before(&ends, end);
        assert!(run.one(&ends).1.number("s") <= 3.0);
    }
    run.before("Waiting for all subprocesses done...", end);
    run.before("Callback: {n} results", end);
}

fn sizes(run: &Run) {
    for (line, size) in [5, 4, 3].into_iter().enumerate() {
        let found = run.one(&format!(
            "Pool({size}): {{workers}} workers had 5 tasks, {{s}} s"
        ));
        assert_eq!(found.0, line);
        let workers = found.1.number("workers");
        assert!((1.0..=f64::from(size)).contains(&workers), "{workers}");
    }
}

fn processes(run: &Run) {
    let end = "All subprocesses done.";
    let parent = run.one("Parent process {P}.").1;
    run.before("Waiting for all subprocesses done...", end);
    five_tasks(run, end);
    let workers = numbers(&run.lines[1]);
    let runs: Vec<_> = run.all("Run task {i} ({speaker})...");
    let ran: BTreeSet<_> = runs.iter().map(|r| r.1.text("speaker")).collect();
    assert_eq!(workers.len(), 4, "four are there before any task");
    assert!(ran.iter().all(|pid| workers.contains(pid)), "{ran:?}");

    run.before(end, "join before close: {*} still running");
    run.one("12 * 12 at once: ready is false");
    let not_yet = "12 * 12 after half a second: not done yet";
    run.before(not_yet, "Result: 12 * 12 = 144");
    run.one("12 / 0: {*} zero");
    let callback = format!("Callback in process {}: 169", parent.text("P"));
    run.before(&callback, "Result: 13 * 13 = 169");
    run.one("A task after close: {*}");
}

/// Five tasks on four workers.
fn five_tasks(run: &Run, end: &str) {
    assert_eq!(run.all("Run task {i} ({speaker})...").len(), 5);
    for i in 0..5 {
        let ends = format!("Task {i} runs {{s}} seconds.");
        run.before(&format!("Run task {i} ({{*}})..."), &ends);
        run.before(&ends, end);
    }
    assert!(run.most_in_flight(BEGINS, ENDS) <= 4, "four at a time");
    let first_end = run.all("Task {i} runs {s} seconds.")[0].0;
    let last_run = run.all("Run task {i} ({w})...")[4].0;
    assert!(first_end < last_run, "the fifth waits until a worker is free");
}

fn map(run: &Run) {
    let returned = "map_async has returned, ready is false";
    for n in 0..4 {
        run.before(&format!("map_async takes {n}"), returned);
    }
    run.before(returned, "Its results: {*}");
    for i in 0..4 {
        let done = format!("Task {i} is done");
        run.before(&done, "Its results: [0, 1, 4, 9]");
    }
    run.one("map returns: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]");
    let line = run.one("8 tasks in chunks of 2, their workers: {*}").0;
    let workers = &run.lines[line].split(": ").nth(1).unwrap().to_string();
    let workers = numbers(workers);
    assert!(
        workers.chunks(2).all(|two| two[0] == two[1]),
        "by two: {workers:?}"
    );
    let slow = "8 slow tasks among 1000 short ones in chunks of {chunk}: \
                workers that had the slow ones: {n}, {s} s";
    let slow: Vec<_> = run.all(slow).into_iter().map(|(_, f)| f).collect();
    assert_eq!((slow[0].text("chunk"), slow[0].text("n")), ("63", "1"));
    assert_eq!(slow[1].text("chunk"), "1");
    let workers = slow[1].number("n");
    assert!((1.0..=4.0).contains(&workers), "four, at best: {workers}");
    let tiny =
        run.all("100000 tiny tasks in chunks of {chunk}: {rate} a second");
    assert_eq!(tiny.len(), 2);
    assert!(tiny.iter().all(|(_, found)| found.number("rate") > 0.0));
}

fn terminate(run: &Run) {
    assert_eq!(run.one("4 tasks of 30 seconds on 2 workers: {*}").0, 0);
    assert!(run.lines[1].starts_with("Terminated after "));
    for i in 0..4 {
        run.one(&format!("Task {i}: {{*}}"));
    }
    let killed = "Worker {W} is at work: kill -9 {W}";
    run.before(killed, "Done by worker {*}");
    let found = run.one(killed).1;
    let same = format!("Done by worker {}", found.text("W"));
    assert!(run.all(&same).is_empty(), "{same}");
    run.before("Done by worker {*}", "poison: {*}");
    let on = "The pool goes on: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]";
    run.before("poison: {*}", on);
}

fn cores(run: &Run) {
    run.one("12 times the primes below {n}");
    assert!(run.lines[1].starts_with("workers  sequence  threads  processes"));
    for (i, line) in run.lines[2..].iter().enumerate() {
        let cells: Vec<_> = line.split_whitespace().collect();
        assert_eq!(cells[0], (i + 1).to_string(), "one row for each number");
        assert_eq!(cells[2], "s");
        assert!(cells.len() >= 7, "sequence, threads, processes: {line}");
        for times in cells[3..].chunks(2) {
            assert!(times[0].parse::<f64>().unwrap() > 0.0, "{line}");
            assert_eq!(times[1], "x");
        }
    }
    assert!(run.lines.len() > 2, "at least one core");
}

/// All numbers of a line, as they stand there.
fn numbers(line: &str) -> Vec<&str> {
    let words = line.split(|c: char| !c.is_ascii_digit());
    words.filter(|word| !word.is_empty()).collect()
}

#[test]
fn two_processes_sleep_at_the_same_time() {
    // Not at the tests' pace: starting two processes takes a while, too.
    let run = lesson!().pace(0.5).part("sequential");
    sequential(&run);
    let one = run.one("One after the other: {s} seconds").1.number("s");
    assert!(one >= 2.0, "two tasks of a second: {one}");
    let before = run.one("{*}, before join: {s} seconds").1.number("s");
    let after = run.one("{*}, after join: {s} seconds").1.number("s");
    assert!(after >= 1.0 && after < one, "{after} and {one}");
    assert!(before < after / 2.0, "start does not wait: {before}, {after}");
}

#[test]
fn five_workers_are_faster_than_three() {
    let best = (0..10).any(|_| {
        let run = lesson!().pace(0.3).part("sizes");
        sizes(&run);
        let found = |size| {
            let line =
                format!("Pool({size}): {size} workers had {{*}}, {{s}} s");
            run.all(&line).first().map(|found| found.1.number("s"))
        };
        let five = found(5);
        let three = found(3);
        assert!(five.is_none_or(|five| five >= 0.3), "a task of 0.3 s");
        assert!(three.is_none_or(|three| three >= 0.6), "two after another");
        matches!((five, three), (Some(five), Some(three)) if five < three)
    });
    assert!(best, "each worker has a task, and five need one turn");
}

#[test]
fn a_callback_has_all_results_of_map_async() {
    let run = lesson!().part("random");
    random(&run);
    run.one("Callback: 10 results");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    run.one(&format!("The default size is {cores}"));
}

#[test]
fn four_workers_share_five_tasks() {
    let run = lesson!().pace(0.2).part("processes");
    processes(&run);
    // An idle worker is given its task when the task comes: so all four work.
    let runs = run.all("Run task {i} ({pid})...");
    let pids: HashSet<_> = runs.iter().map(|r| r.1.text("pid")).collect();
    assert_eq!(pids.len(), 4, "exactly four processes");
    let parent = run.one("Parent process {P}.").1;
    assert!(!pids.contains(parent.text("P")), "the parent runs none of them");
    let fifth = run.one("Run task 4 ({pid})...").1;
    let free = runs[..4].iter().find(|r| r.1.text("pid") == fifth.text("pid"));
    let free = free.expect("its worker had another task").1.text("i");
    run.before(&format!("Task {free} runs {{*}}"), "Run task 4 ({*})...");
}

#[test]
fn four_workers_work_at_the_same_time() {
    let together = (0..10).any(|_| {
        let run = lesson!().pace(0.2).part("processes");
        run.most_in_flight(BEGINS, ENDS) == 4
    });
    assert!(together, "four tasks under way at a time");
}

#[test]
fn the_callback_runs_once_and_in_the_parent() {
    let run = lesson!().part("processes");
    processes(&run);
    assert_eq!(run.all("Callback in process {*}").len(), 1);
}

#[test]
fn map_keeps_the_order_of_the_arguments() {
    map(&lesson!().part("map"));
}

#[test]
fn no_worker_keeps_tasks_that_it_cannot_begin() {
    let slow =
        "8 slow tasks {*} of 1: workers that had the slow ones: {n}, {*}";
    // A worker that is late itself may keep few tasks, now and then.
    let shared = (0..5).filter(|_| {
        let run = lesson!().pace(0.4).part("map");
        map(&run);
        run.one(slow).1.number("n") == 4.0
    });
    let shared = shared.take(3).count();
    assert_eq!(shared, 3, "all four workers get slow tasks, three times");
}

#[test]
fn what_is_terminated_is_not_done() {
    let run = lesson!().part("terminate");
    terminate(&run);
    for i in 0..4 {
        run.one(&format!("Task {i}: not done, the pool was terminated"));
    }
    assert!(run.elapsed < Duration::from_secs(30), "no task sleeps to its end");
}

#[test]
fn a_killed_worker_costs_no_task_and_poison_is_given_up() {
    let run = lesson!().part("terminate");
    terminate(&run);
    let victim = run.one("Worker {W} is at work: kill -9 {*}").1;
    let result = format!(
        "Worker {} ended (signal: 9 (SIGKILL)), {{S}} follows, \
         wait_at_gate will run again",
        victim.text("W")
    );
    run.one(&result);
    assert!(run.all("Done by worker 0").is_empty(), "a real pid");
    let again = "Worker {W} ended (exit status: 7), {S} follows, \
                 poison will run again";
    let given_up = "Worker {W} ended (exit status: 7), {S} follows, \
                    poison is given up";
    let twice = run.all(again);
    assert_eq!(twice.len(), 2, "the third is the last");
    let last = run.one(given_up);
    assert!(twice.iter().all(|(at, _)| *at < last.0));
    run.one("poison: given up: it killed 3 workers");
    let dead = run.all("Worker {W} ended {*}");
    let dead: HashSet<_> = dead.iter().map(|d| d.1.text("W")).collect();
    assert_eq!(dead.len(), 4, "another worker each time");
}

#[test]
fn processes_use_more_than_one_core() {
    if thread::available_parallelism().map_or(1, usize::from) < 2 {
        return cores(&lesson!().part("cores"));
    }
    // Others want these cores as well: for each, one time in fifty is enough.
    let mut best = [0_f64; 2];
    let all_are_faster = (0..50).any(|_| {
        let run = lesson!().pace(0.1).part("cores");
        cores(&run);
        let second = run.lines[3].split_whitespace().collect::<Vec<_>>();
        for (best, at) in best.iter_mut().zip([3, 5]) {
            *best = best.max(second[at].parse().unwrap());
        }
        best.iter().all(|times| *times > 1.2)
    });
    assert!(all_are_faster, "two workers are faster than one: {best:?}");
}

#[test]
fn kill_from_outside_loses_no_task() {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson04_pool"))
        .arg("processes")
        .env("LESSON_PACE", "1")
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the lesson can be started");
    let done = killed_at_the_deadline(Pid::from_raw(lesson.id() as i32));
    let out = lesson.stdout.take().expect("it is piped");
    let mut lines = BufReader::new(out).lines().map_while(Result::ok);

    let line = lines.find(|line| line.starts_with("Run task 0"));
    let line = line.expect("task 0 begins");
    let victim: i32 = numbers(&line)[1].parse().expect("a pid");
    kill(Pid::from_raw(victim), Signal::SIGKILL).expect("it is at work");
    let run = Run::from_text(&lines.collect::<Vec<_>>().join("\n"));
    let status = lesson.wait().expect("it ends");
    drop(done);
    assert!(status.success(), "{status}");
    let again = run.one("Run task 0 ({pid})...");
    assert_ne!(again.1.text("pid"), victim.to_string(), "another worker");
    for i in 0..5 {
        let ends = format!("Task {i} runs {{s}} seconds.");
        run.before(&ends, "All subprocesses done.");
    }
}

/// Kills the process group at the deadline, unless its end is dropped first.
fn killed_at_the_deadline(group: Pid) -> mpsc::Sender<()> {
    let (done, watch) = mpsc::channel();
    thread::spawn(move || {
        let end = watch.recv_timeout(harness::deadline());
        if end == Err(mpsc::RecvTimeoutError::Timeout) {
            killpg(group, Signal::SIGKILL).expect("it is ours");
        }
    });
    done
}

#[test]
fn the_small_pool_replaces_a_worker_that_dies() {
    let output = Command::new(env!("CARGO_BIN_EXE_small_pool"))
        .output()
        .expect("it can be started");
    let run = Run::from_text(&String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{output:?}");
    let died = "Worker {W} ended (exit status: 7): task 3 runs again";
    let results = "Results: [(0, 0), (1, 1), (2, 4), (3, 9), (4, 16), (5, 25)]";
    run.before(died, results);
    assert_eq!(run.lines.len(), 2, "{:?}", run.lines);
}

#[test]
fn ctrl_c_ends_the_pool_without_a_message() {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson04_pool"))
        .arg("processes")
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the lesson can be started");
    let group = Pid::from_raw(lesson.id() as i32);
    let done = killed_at_the_deadline(group);
    let out = lesson.stdout.take().expect("it is piped");
    let mut lines = BufReader::new(out).lines().map_while(Result::ok);
    lines.find(|line| line.starts_with("Run task 0")).expect("it begins");
    killpg(group, Signal::SIGINT).expect("the lesson runs");
    // Both pipes end when the last process that holds them has exited.
    assert!(lines.all(|line| line != "All subprocesses done."), "half way");
    let output = lesson.wait_with_output().expect("it ends");
    drop(done);
    assert_eq!(output.status.signal(), Some(Signal::SIGINT as i32));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn workers_end_when_their_parent_is_killed() {
    let lesson = lesson!().pace(1.0).args(&["processes"]);
    let run = lesson.killed_at("Run task 0 ({*})...").run();
    assert_eq!(run.code, None, "killed");
    let end = "All subprocesses done.";
    assert!(!run.lines.iter().any(|line| line == end), "half way");
}

#[test]
fn a_worker_without_a_pool_ends_with_one_line() {
    let run = lesson!().separate_stderr().args(&["worker"]).run();
    assert_eq!((run.code, run.lines.len()), (Some(1), 0));
    assert_eq!(run.errors.len(), 1);
}

harness::lesson_tests!(lesson!(), twin!().pace(0.2), PARTS);
