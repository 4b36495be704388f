//! What lesson 3 and its Python twin must show.

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 5] = [
    ("process", process),
    ("two_processes", two_processes),
    ("timeout", timeout),
    ("no_join", no_join),
    ("threads", threads),
];

const FIRST: &str = "thread {speaker}, @number: 0";
const STARTS: &str = "task {speaker} starts";
const ENDS: &str = "task {speaker} ends";
const LAST: &str = "thread {speaker}, @number: 4";

fn process(run: &Run) {
    run.exact(&[
        "Work started at: {*}:{*}:{*}",
        "Work ended at: {*}:{*}:{*}",
        "【END】",
    ]);
}

fn two_processes(run: &Run) {
    let with = "With join: {s} s";
    let without = "Without join: {s} s";
    assert_eq!(run.lines.len(), 10);
    assert_eq!(run.one(with).0, 9, "after both children have ended");
    for name in ["A", "B"] {
        let starts = run.all(&format!("task {name} starts"));
        let ends = run.all(&format!("task {name} ends"));
        assert_eq!((starts.len(), ends.len()), (2, 2));
        assert!(starts[0].0 < ends[0].0 && ends[0].0 < starts[1].0);
        assert!(starts[1].0 < ends[1].0);
        assert!(run.one(without).0 < starts[1].0);
    }
}

fn timeout(run: &Run) {
    let found = run.exact(&[
        "join(1): {s1} s, {cpu1} s CPU, the process is alive",
        "join(60): {s2} s, {cpu2} s CPU, the process is not alive",
        "join(1): {s3} s, {cpu3} s CPU, the thread is alive",
        "join(60): {s4} s, {cpu4} s CPU, the thread is not alive",
    ]);
    for k in 1..=4 {
        assert!(found.number(&format!("s{k}")) >= 0.04, "{found:?}");
        let cpu = found.number(&format!("cpu{k}"));
        assert!(cpu <= 0.01, "it blocks, and does not spin: {found:?}");
    }
}

fn numbers(run: &Run) {
    assert_eq!(run.lines.len(), 17);
    assert_eq!(run.lines[0], "Start main threading");
    let numbers = run.by_speaker("thread {speaker}, @number: {what}");
    let names: Vec<_> = numbers.keys().collect();
    assert_eq!(names, ["Thread-1", "Thread-2", "Thread-3"]);
    for (name, numbers) in &numbers {
        assert_eq!(numbers[..], ["0", "1", "2", "3", "4"], "{name}");
    }
}

fn no_join(run: &Run) {
    numbers(run);
    let end = run.one("End Main threading").0;
    for number in 2..5 {
        let later = run.all(&format!("thread {{speaker}}, @number: {number}"));
        assert!(later.iter().all(|(place, _)| *place > end), "{later:?}");
    }
    assert_eq!(run.most_in_flight(FIRST, LAST), 3, "all at once");
}

fn threads(run: &Run) {
    numbers(run);
    assert_eq!(run.one("End Main threading").0, 16, "last of all");
}

#[test]
fn the_end_comes_after_the_daemon_child_has_ended() {
    let run = lesson!().part("process");
    process(&run);
    assert!(run.seconds >= 0.14, "its interval is three seconds");
}

#[test]
fn a_join_counts_the_time_of_both_children_at_once() {
    // On a busy machine a start may take long, but not every time.
    let at_once = (0..5).any(|_| {
        let run = lesson!().pace(0.2).part("two_processes");
        two_processes(&run);
        let with = run.one("With join: {s} s").1.number("s");
        let without = run.one("Without join: {s} s").1.number("s");
        assert!(with >= 0.39, "two seconds of work");
        without < with && run.most_in_flight(STARTS, ENDS) == 2
    });
    assert!(at_once, "the clock was read before the end of the children");
}

#[test]
fn a_join_with_a_timeout_returns_before_the_end_and_does_not_spin() {
    let run = lesson!().pace(0.2).part("timeout");
    timeout(&run);
    assert!(run.seconds >= 0.98, "one second and a half more, and again");
}

#[test]
fn the_threads_count_on_after_the_end_of_main() {
    let run = lesson!().part("no_join");
    no_join(&run);
    assert!(run.seconds >= 0.24, "and the program waits for them");
}

#[test]
fn the_end_comes_after_all_threads() {
    let run = lesson!().part("threads");
    threads(&run);
    assert!(run.seconds >= 0.24, "five naps of a second");
}

#[test]
fn three_threads_count_at_once() {
    // On a busy machine one of them may start late, but not every time.
    let at_once = (0..5).any(|_| {
        let run = lesson!().pace(0.2).part("threads");
        threads(&run);
        run.most_in_flight(FIRST, LAST) == 3
    });
    assert!(at_once, "all at once");
}

#[test]
fn children_end_with_a_parent_that_is_killed() {
    let slow = lesson!().pace(100.0);
    let run = slow.clone().args(&["process"]);
    let run = run.killed_at("Work started{*}").run();
    assert_eq!((run.code, run.all("Work ended{*}").len()), (None, 0));
    // Its first join takes this long; the child would wait forever.
    let run = slow.pace(0.05).args(&["timeout"]);
    let run = run.killed_at("join(1): {*} process is alive").run();
    assert_eq!(run.all("join({*}thread{*}").len(), 0, "it was cut short");
}

harness::lesson_tests!(lesson!(), twin!().pace(0.2), PARTS);
