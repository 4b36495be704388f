//! What lesson 1 and its Python twin must show.

use std::collections::BTreeSet;

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 5] = [
    ("hello", hello),
    ("workers", workers),
    ("class", class),
    ("sing_dance", sing_dance),
    ("exitcode", exitcode),
];

const START: &str = "{speaker}【start】";
const END: &str = "{speaker}【end】";

fn hello(run: &Run) {
    let found = run.exact(&[
        "Parent process {P}.",
        "Child process will start.",
        "Run child process test ({C})... my parent is {P}.",
        "Child process end.",
    ]);
    assert!(found.number("P") > 0.0 && found.number("C") > 0.0);
    assert_ne!(found.text("P"), found.text("C"));
}

fn workers(run: &Run) {
    let end = "END!!!!!!!!!!!!!!!!!";
    let found = run.in_any_order(&[
        "The number of CPU is: {N}",
        "child   p.name:Process-1\tp.id{C1}",
        "child   p.name:Process-2\tp.id{C2}",
        "child   p.name:Process-3\tp.id{C3}",
        end,
        "aaa1【start】",
        "bbb2【start】",
        "ccc3【start】",
        "aaa1【end】",
        "bbb2【end】",
        "ccc3【end】",
    ]);
    assert!(found.number("N") >= 1.0);
    let pids = ["C1", "C2", "C3"].map(|c| found.number(c) as u32);
    assert_eq!(BTreeSet::from(pids).len(), 3, "three processes: {pids:?}");
    for k in 1..=3 {
        let child = format!("child   p.name:Process-{k}\tp.id{{*}}");
        run.before("The number of CPU is: {N}", &child);
        run.before(&child, end);
    }
    for name in ["aaa1", "bbb2", "ccc3"] {
        run.before(&format!("{name}【start】"), &format!("{name}【end】"));
        run.before(end, &format!("{name}【end】"));
    }
}

fn class(run: &Run) {
    let line = "ClockProcess ({C}), current time: {*}:{*}:{*} {year}";
    let found = run.exact(&[line; 5]);
    assert!(found.number("year") >= 2026.0);
}

fn sing_dance(run: &Run) {
    let sing = "Singing...... ({S})";
    let dance = "Dancing...... ({D})";
    let sequence = "In sequence: {s} s";
    let (middle, _) = run.one(sequence);
    let first = Run { lines: run.lines[..=middle].into(), ..Run::default() };
    let here = first.exact(&[
        "Singing...... ({P})",
        "Singing...... ({P})",
        "Singing...... ({P})",
        "Dancing...... ({P})",
        "Dancing...... ({P})",
        "Dancing...... ({P})",
        sequence,
    ]);
    let found = at_once(run).in_any_order(&[
        sing,
        sing,
        sing,
        dance,
        dance,
        dance,
        "At once: {a} s",
    ]);
    let pids = [here.text("P"), found.text("S"), found.text("D")];
    assert_eq!(BTreeSet::from(pids).len(), 3, "three processes: {pids:?}");
}

/// The second half of `sing_dance`.
fn at_once(run: &Run) -> Run {
    let (middle, _) = run.one("In sequence: {s} s");
    Run { lines: run.lines[middle + 1..].into(), ..Run::default() }
}

fn exitcode(run: &Run) {
    let mut pids = BTreeSet::new();
    let mut last = 0;
    for (i, (child, codes)) in ENDINGS.into_iter().enumerate() {
        let alive = format!("{child} ({{C}}): alive, exitcode None");
        let (place, found) = run.one(&alive);
        assert_eq!(place, i, "all are alive before one ends");
        let ended = format!(
            "{child} ({}): not alive, exitcode {{code}}; others alive: {}",
            found.text("C"),
            ENDINGS.len() - 1 - i,
        );
        let (place, ended) = run.one(&ended);
        assert!(codes.contains(&ended.text("code")), "{child}: {ended:?}");
        assert!(place > last, "{child} ends after the one before");
        last = place;
        pids.insert(found.text("C").to_string());
    }
    let (place, found) = run.one("Parent process {P} is still running.");
    pids.insert(found.text("P").to_string());
    assert_eq!(place, run.lines.len() - 1);
    assert_eq!(pids.len(), 7, "a parent and six children: {pids:?}");
}

/// The children and their exitcodes. A panic and an exception differ.
const ENDINGS: [(&str, &[&str]); 6] = [
    ("return", &["0"]),
    ("exit", &["3"]),
    ("panic", &["101", "1"]),
    ("abort", &["-6"]),
    ("terminate", &["-15"]),
    ("kill", &["-9"]),
];

#[test]
fn the_child_is_another_process_and_is_waited_for() {
    for _ in 0..10 {
        hello(&lesson!().part("hello")); // A missing wait shows in one of ten runs.
    }
}

#[test]
fn workers_are_listed_while_they_run() {
    let run = lesson!().part("workers");
    workers(&run);
    assert!(run.seconds >= 0.19, "as long as the longest");
}

#[test]
fn workers_work_at_once() {
    // On a busy machine one of them may start late, but not every time.
    let at_once = (0..5).any(|_| {
        let run = lesson!().pace(0.2).part("workers");
        workers(&run);
        run.most_in_flight(START, END) == 3 && run.seconds < 9.0 * 0.2
    });
    assert!(at_once, "all three at once, in less than 2 + 3 + 4 s");
}

#[test]
fn only_usable_cpus_are_counted() {
    let run = lesson!().part("workers");
    let number = run.one("The number of CPU is: {N}").1.number("N");
    let usable = std::thread::available_parallelism().unwrap().get();
    assert_eq!(number, usable as f64);
}

#[test]
fn the_clock_naps_after_each_of_its_five_lines() {
    let run = lesson!().part("class");
    class(&run);
    assert!(run.seconds >= 0.74, "five naps of three seconds");
}

#[test]
fn singing_and_dancing_overlap() {
    // On a busy machine one of them may start late, but not every time.
    let overlap = (0..5).any(|_| {
        let run = lesson!().pace(0.2).part("sing_dance");
        sing_dance(&run);
        let sequence = run.one("In sequence: {s} s").1.number("s");
        assert!(sequence >= 0.59, "six naps of half a second");
        let run = at_once(&run);
        assert!(run.one("At once: {a} s").1.number("a") >= 0.29);
        let sing = run.all("Singing...... ({S})");
        let dance = run.all("Dancing...... ({D})");
        sing[0].0 < dance[2].0 && dance[0].0 < sing[2].0
    });
    assert!(overlap, "each begins before the other has ended");
}

#[test]
fn every_ending_has_its_exitcode_and_the_others_live_on() {
    let lesson = lesson!().separate_stderr().env("RUST_BACKTRACE", "1");
    let run = lesson.part("exitcode");
    exitcode(&run);
    assert_eq!(run.lines.len(), 13);
    run.one("panic ({C}): not alive, exitcode 101;{*}");
    assert_eq!(run.errors.len(), 1, "one line for the panic, no backtrace");
    assert!(run.errors[0].ends_with(": I have had enough"));
}

#[test]
fn children_end_with_a_parent_that_is_killed() {
    let slow = lesson!().pace(100.0);
    for (part, line, never) in [
        ("workers", "END!!!!!!!!!!!!!!!!!", END),
        ("class", "ClockProcess {*}", "--- class took {*}"),
    ] {
        let run = slow.clone().args(&[part]).killed_at(line).run();
        assert_eq!(run.code, None, "{part} was killed");
        assert!(run.all(never).is_empty(), "{part} was cut short");
    }
    // This one may be faster than its killer.
    slow.args(&["exitcode"]).killed_at("return {*}: alive{*}").run();
}

#[test]
#[ignore = "needs python3"]
fn an_exception_has_exitcode_1_in_the_twin() {
    let run = twin!().part("exitcode");
    run.one("panic ({C}): not alive, exitcode 1;{*}");
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
