//! Holds lesson 14, its twin and their transcripts to one specification.

#[cfg(all(unix, feature = "nats"))]
mod cluster;
mod crash_recovery;
#[cfg(target_os = "linux")]
mod crowd;
#[cfg(all(unix, feature = "nats"))]
mod engine;
#[cfg(all(unix, feature = "nats"))]
mod engine_kills;
#[cfg(all(unix, feature = "nats"))]
mod errors;
#[cfg(unix)]
mod faults;
#[cfg(all(unix, feature = "nats"))]
mod job_lifecycle;
mod master_loss;
#[cfg(target_os = "linux")]
mod mutations;
mod processes;
#[cfg(all(unix, feature = "nats"))]
mod proxy;
mod python;
#[cfg(unix)]
mod python_master;
#[path = "../pymanagers/raw.rs"]
mod raw;
mod relay;
mod scripts;
#[cfg(all(unix, feature = "nats"))]
mod server_loss;
mod simulation;
mod sizing;

use std::collections::BTreeSet;

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 1] = [("demo", demo)];

fn demo(run: &Run) {
    run.before("master ({M}): listens on {*}", TRY);
    let puts = numbers(run, "master ({M}): Put task {n}...");
    assert_eq!(puts.len(), 10);
    let runs = numbers(run, RUN);
    assert_eq!(sorted(&runs), sorted(&puts), "each task is done once");
    let results = run.all(RESULT);
    for (at, found) in &results {
        let n = found.number("n");
        let square = found.number("square");
        assert_eq!(square, n * n);
        let task = format!("{{speaker}} ({{P}}): run task {n} * {n}...");
        let first = run.all(&task).first().map(|(at, _)| *at);
        assert!(first.is_some_and(|first| first < *at), "{n} has a result");
    }
    let back = numbers(run, RESULT);
    assert_eq!(sorted(&back), sorted(&puts), "each result comes once");
    let workers =
        run.by_speaker("{speaker} ({*}): Connect to server {what}...");
    let names = ["worker-1", "worker-2", "worker-3"];
    assert!(workers.keys().eq(names), "{workers:?}");
    let ends = run.all("{speaker} ({P}): worker exit.");
    let pids: BTreeSet<_> = ends.iter().map(|(_, f)| f.text("P")).collect();
    assert_eq!((ends.len(), pids.len()), (3, 3), "three processes");
    assert_eq!(run.all("{speaker} ({P}): task queue is empty.").len(), 3);
    let progress = run.all("master ({M}): {done} of 10 done, {*}").len();
    assert!(progress > 0, "the master says how far it has come");
    run.before(SUMMARY, "master ({M}): master exit.");
    let last = run.one("master ({M}): master exit.").0;
    assert!(ends.iter().all(|(at, _)| *at < last), "the master leaves last");
    let lines = 1 + 10 + 1 + 3 + 10 + 10 + 3 + 3 + 1 + 1 + progress;
    assert_eq!(run.lines.len(), lines, "no other line");
}

const TRY: &str = "master ({M}): Try get results...";
const RUN: &str = "{speaker} ({P}): run task {n} * {n}...";
const RESULT: &str = "master ({M}): Result: {n} * {n} = {square}";
const SUMMARY: &str = "master ({M}): tasks: 10, {*}tasks a second: {speed}";

fn numbers(run: &Run, template: &str) -> Vec<String> {
    let lines = run.all(template).into_iter();
    lines.map(|(_, found)| found.text("n").to_string()).collect()
}

fn sorted(numbers: &[String]) -> Vec<&String> {
    let mut numbers: Vec<_> = numbers.iter().collect();
    numbers.sort();
    numbers
}

#[test]
fn each_result_comes_once() {
    demo(&lesson!().part("demo"));
}

#[test]
fn three_workers_are_at_work_at_once() {
    let at_once = |run: Run| {
        let first = run.all(RESULT)[0].0;
        let runs = run.all(RUN).into_iter().filter(|(at, _)| *at < first);
        let pids = runs.map(|(_, found)| found.text("P").to_string());
        pids.collect::<BTreeSet<_>>().len()
    };
    let best = (0..5).map(|_| at_once(lesson!().pace(0.1).part("demo"))).max();
    assert_eq!(best, Some(3));
}

#[test]
fn no_process_is_left_when_the_demo_is_killed() {
    for line in [TRY, RUN, RESULT] {
        lesson!().args(&["demo"]).killed_at(line).run();
    }
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
