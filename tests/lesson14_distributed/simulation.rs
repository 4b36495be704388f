//! A thousand workers at the queue that is in the master, with failures.

use std::fs;

use harness::{Background, Run, root};

use super::processes::lesson;

/// As quick as a debug build can follow.
const PACE: &str = "0.2";

fn simulation(args: &[&str]) -> Run {
    let mut command = lesson(&["simulation"]);
    command.args(args).env("LESSON_PACE", PACE);
    Background::start(&mut command).end()
}

/// What the queue has counted and what its workers have counted agree: the
/// program says so, or ends with 1.
#[track_caller]
fn hold_each_once(run: &Run, tasks: usize) {
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    let once = "simulation ({P}): {results} results, each once: {*}";
    assert_eq!(run.one(once).1.number("results"), tasks as f64);
}

fn number(run: &Run, line: &str) -> f64 {
    run.one(&format!("simulation ({{P}}): {line}")).1.number("n")
}

#[test]
fn a_thousand_workers_may_die_freeze_and_give_back() {
    let run = simulation(&[]);
    hold_each_once(&run, 10_000);
    let died = "workers that died: {*}, with {n} tasks in hand";
    let lost = number(&run, died);
    let given_back = number(&run, "froze: {*}, tasks given back: {n}");
    let again = number(&run, "given out again: {n}, results dropped: {*}");
    assert!(lost >= 200.0, "one in fifty is its worker's end");
    assert!(given_back > 0.0 && again >= given_back);
    let froze = number(&run, "froze: {n}, tasks given back: {*}");
    let dropped = number(&run, "given out again: {*}, results dropped: {n}");
    assert!(froze > 0.0 && dropped > 0.0, "late results are dropped");
    assert!(dropped <= again, "only what was lent again has two results");
}

#[test]
fn a_single_worker_that_dies_all_the_time_gets_through() {
    let run = simulation(&["--workers", "1", "--tasks", "60"]);
    hold_each_once(&run, 60);
    assert!(number(&run, "workers that died: {n}, with {*}") >= 2.0);
}

#[test]
fn the_recorded_simulation_holds() {
    let path = "book/transcripts/lesson14_distributed/simulation.txt";
    let text = fs::read_to_string(root().join(path)).expect("a transcript");
    let (_, said) = text.split_once('\n').expect("a command and its output");
    hold_each_once(&Run::from_text(said), 10_000);
}
