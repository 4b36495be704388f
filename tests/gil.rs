//! What the page on the GIL shows, on each CPython found.

use std::process::Command;
use std::thread;
use std::time::Duration;

use harness::{PartCheck, Program, Run, assert_transcripts, pythons};

const PARTS: [PartCheck; 4] = [
    ("turns", turns),
    ("released", released),
    ("versions", versions),
    ("without", without),
];

fn program() -> Program {
    let program = Program::script("lesson07_threads", "gil");
    program.deadline(Duration::from_secs(900)) // It tries every CPython.
}

fn turns(run: &Run) {
    run.exact(&[
        "CPython {version}",
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
        assert!(is_free(run) || ran < 10 || alone, "one runs at a time");
    }
}

/// Whether it ran without a GIL.
fn is_free(run: &Run) -> bool {
    run.lines[0].ends_with('t')
}

fn released(run: &Run) {
    run.exact(&[
        "CPython {version}",
        "counting: {counting} x the time of one after the other",
        "sha256: {sha256} x the time of one after the other",
        "sleeping: {sleeping} x the time of one after the other",
    ]);
}

fn versions(run: &Run) {
    assert!(run.lines[0].starts_with("CPython "));
    let rows = rows(&run.lines[1..]);
    assert!(!rows.is_empty(), "at least the one that runs it");
    for (version, medians) in rows {
        let [times, turn, longer] = medians[..] else {
            panic!("not three medians: {version} {medians:?}");
        };
        assert!(times > 0.0, "{version}: {times}");
        // On 2.7 and without a GIL they may be too short for two decimals.
        let is_short = version.starts_with("2.") || version.ends_with('t');
        let turns = turn > 0.0 && longer > 0.0;
        assert!(turns || is_short, "{version}: {turn}, {longer}");
    }
}

fn without(run: &Run) {
    assert!(run.lines[0].starts_with("CPython "));
    let (at, last) = run.one("{n} of them without a GIL; {*}");
    assert_eq!(at + 1, run.lines.len(), "the last line");
    let rows = rows(&run.lines[1..at]);
    for (version, medians) in &rows {
        let all = medians.len() == 4 && medians.iter().all(|n| *n > 0.0);
        assert!(all, "{version}: {medians:?}");
    }
    let free = rows.iter().filter(|(version, _)| version.ends_with('t'));
    assert_eq!(last.number("n"), free.count() as f64);
}

/// Each version and its medians, which are the numbers before a bracket.
fn rows(lines: &[String]) -> Vec<(&str, Vec<f64>)> {
    let rows = lines.iter().map(|line| {
        let cells: Vec<_> = line.split_whitespace().collect();
        let medians = cells.windows(2).filter(|two| two[1].starts_with('('));
        (cells[0], medians.map(|two| two[0].parse().unwrap()).collect())
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
    let rows = rows(&run.lines[1..]);
    for python in pythons() {
        let version = "import platform; print(platform.python_version())";
        let output = Command::new(python).args(["-c", version]).output();
        let output = String::from_utf8(output.unwrap().stdout).unwrap();
        let is_its = |(row, _): &(&str, _)| row.starts_with(output.trim());
        assert!(rows.iter().any(is_its), "{output} is not in {rows:?}");
    }
    // A thread that wants the GIL waits for at least the interval.
    for (version, medians) in rows {
        if version.starts_with("3.") && !version.ends_with('t') {
            assert!(medians[1] >= 4.0, "5 ms on {version}: {medians:?}");
            assert!(medians[2] >= 40.0, "50 ms on {version}: {medians:?}");
        }
    }
}

#[test]
#[ignore = "needs python3"]
fn without_a_gil_both_threads_run() {
    let script = "lessons/lesson07_threads/gil.py";
    let programs = pythons().into_iter().map(|p| Program::python(&p, script));
    let mut programs = programs.filter(|p| is_free(&p.part("turns")));
    let Some(program) = programs.next() else {
        eprintln!("left out: no CPython without a GIL (tests/pythons)");
        return;
    };
    let both = (0..40).any(|_| {
        let run = program.part("turns");
        turns(&run);
        let shares = run.all("Both at the same time: {share} %");
        shares.iter().any(|(_, both)| both.number("share") > 10.0)
    });
    let one_core = thread::available_parallelism().unwrap().get() == 1;
    assert!(both || one_core, "on two cores both run");
}

#[test]
#[ignore = "needs python3"]
fn transcripts_of_python_are_legal_outputs() {
    assert_transcripts(&program(), &PARTS);
}
