//! What the page on the GIL shows, on each CPython found.

use std::process::Command;
use std::time::Duration;

use harness::{PartCheck, Program, Run, assert_transcripts, pythons};

const PARTS: [PartCheck; 3] =
    [("turns", turns), ("released", released), ("versions", versions)];

fn program() -> Program {
    let program = Program::script("lesson07_threads", "gil");
    program.deadline(Duration::from_secs(300)) // It tries every CPython.
}

fn turns(run: &Run) {
    run.exact(&[
        "With a switch interval of 5 ms:",
        "A{*}",
        "B{*}",
        "Both at the same time: {short} %",
        "With a switch interval of 20 ms:",
        "A{*}",
        "B{*}",
        "Both at the same time: {long} %",
    ]);
    for (at, both) in run.all("Both at the same time: {share} %") {
        // Where both have hardly run at all, it says nothing.
        let ran = run.lines[at - 2..at].concat().matches('#').count();
        let alone = both.number("share") < 50.0;
        assert!(ran < 10 || alone, "the GIL lets one run at a time");
    }
}

fn released(run: &Run) {
    run.exact(&[
        "counting: {counting} x the time of one after the other",
        "sha256: {sha256} x the time of one after the other",
        "sleeping: {sleeping} x the time of one after the other",
    ]);
}

fn versions(run: &Run) {
    assert!(run.lines[0].starts_with("CPython "));
    let rows = rows(run);
    assert!(!rows.is_empty(), "at least the one that runs it");
    for (version, [times, turn, longer]) in rows {
        assert!(times > 0.0 && longer > 0.0, "{version}: {times}, {longer}");
        // On 2.7 it may be too short for two decimals.
        assert!(turn > 0.0 || version.starts_with("2."), "{version}: {turn}");
    }
}

/// The version, and the medians: how long two threads take, a turn, and one
/// with an interval ten times as long.
fn rows(run: &Run) -> Vec<(&str, [f64; 3])> {
    let rows = run.lines[1..].iter().map(|line| {
        let cells: Vec<_> = line.split_whitespace().collect();
        let [version, times, _, "x", turn, _, longer, _] = cells[..] else {
            panic!("not a row: {line}");
        };
        (version, [times, turn, longer].map(|n| n.parse().unwrap()))
    });
    rows.collect()
}

#[test]
#[ignore = "needs python3"]
fn two_threads_take_turns_under_the_gil() {
    turns(&program().part("turns"));
}

#[test]
#[ignore = "needs python3"]
fn two_threads_sleep_at_the_same_time() {
    let faster = (0..5).any(|_| {
        let run = program().part("released");
        released(&run);
        let sleeping = "sleeping: {n} x the time of one after the other";
        run.one(sleeping).1.number("n") < 0.75
    });
    assert!(faster, "sleeping gives the GIL back");
}

#[test]
#[ignore = "needs python3"]
fn every_cpython_has_its_row_and_its_interval() {
    let run = program().part("versions");
    versions(&run);
    let rows = rows(&run);
    for python in pythons() {
        let version = "import platform; print(platform.python_version())";
        let output = Command::new(python).args(["-c", version]).output();
        let output = String::from_utf8(output.unwrap().stdout).unwrap();
        let is_its = |(row, _): &(&str, _)| row.starts_with(output.trim());
        assert!(rows.iter().any(is_its), "{output} is not in {rows:?}");
    }
    // A thread that wants the GIL waits for at least the interval.
    for (version, [_, turn, longer]) in rows {
        if version.starts_with("3.") && !version.ends_with('t') {
            assert!(turn >= 4.0, "5 ms on {version}: {turn}");
            assert!(longer >= 40.0, "50 ms on {version}: {longer}");
        }
    }
}

#[test]
#[ignore = "needs python3"]
fn transcripts_of_python_are_legal_outputs() {
    assert_transcripts(&program(), &PARTS);
}
