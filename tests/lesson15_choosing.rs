//! What lesson 15 and its Python twin must show.

use std::collections::BTreeMap;

use harness::{PartCheck, Program, Run, assert_spread, lesson, number, twin};
use shared::task::count_primes;

const PARTS: [PartCheck; 3] =
    [("cpu", cpu), ("io", io), ("ten_thousand", ten_thousand)];

/// One way to do the jobs, measured.
#[derive(Debug)]
struct Row {
    workers: f64,
    speed_up: f64,
    processes: f64,
    threads: f64,
    last: f64,
}

/// The rows of the first table, by their strategy.
fn rows(run: &Run) -> BTreeMap<&str, Vec<Row>> {
    let is_heading = |line: &String| line.starts_with("way  ");
    let heading = run.lines.iter().position(is_heading);
    let heading = heading.unwrap_or_else(|| run.fail("no table"));
    let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let is_row = |line: &&String| line.contains(" x  ");
    for line in run.lines[heading + 1..].iter().take_while(is_row) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [way, workers, median, spread, speed_up, "x", ref counts @ ..] =
            words[..]
        else {
            run.fail(&format!("no row: {line}"));
        };
        assert_spread(median, spread);
        let [processes, threads, last] = counts[..] else {
            run.fail(&format!("not three counts: {line}"));
        };
        let [workers, speed_up, processes, threads, last] =
            [workers, speed_up, processes, threads, last].map(number);
        let row = Row { workers, speed_up, processes, threads, last };
        rows.entry(way).or_default().push(row);
    }
    rows
}

/// Which processes and threads did the jobs, for every strategy.
fn assert_workers(rows: &BTreeMap<&str, Vec<Row>>, workers: &[f64]) {
    assert_eq!(rows["sequence"].len(), 1);
    let several = |way: &str| way != "sequence" && way != "both";
    for (way, rows) in rows.iter().filter(|(way, _)| several(way)) {
        for wanted in workers {
            let has = rows.iter().any(|row| row.workers == *wanted);
            assert!(has, "no {way} with {wanted} workers");
        }
    }
    for (way, row) in rows
        .iter()
        .flat_map(|(way, rows)| rows.iter().map(move |row| (*way, row)))
    {
        let ids = (row.processes, row.threads);
        let one = 1.0;
        let all = row.workers;
        match way {
            "sequence" | "tasks" => assert_eq!(ids, (one, one), "{way}"),
            "threads" => assert_eq!(ids, (one, all), "{way}"),
            "processes" => assert_eq!(ids, (all, all), "{way}"),
            "both" => assert!([(2.0, 4.0), (4.0, 64.0)].contains(&ids)),
            way => panic!("no such strategy: {way}"),
        }
    }
}

fn cpu(run: &Run) {
    let limit = run.one("12 times the primes below {limit}").1.number("limit");
    let rows = rows(run);
    assert_workers(&rows, &[1.0, 2.0, 4.0]);
    let primes = 12 * count_primes(limit as u32);
    for row in rows.values().flatten() {
        assert_eq!(row.last, primes as f64, "all jobs are done: {row:?}");
    }
}

fn io(run: &Run) {
    let at = |line: &str| run.one(line).0;
    let ends = [
        at("In sequence:"),
        at("In three threads:"),
        at("In three tasks, and one thread:"),
        at("Computing alone takes {s} s"),
    ];
    for (k, (most, whose)) in
        [(1, "main"), (3, "Thread-"), (3, "Task-")].into_iter().enumerate()
    {
        let lines = run.lines[ends[k] + 1..ends[k + 1]].to_vec();
        let run = Run { lines, ..Run::default() };
        assert_eq!(run.lines.len(), 6, "three ask, three have an answer");
        assert!(run.lines.iter().all(|line| line.starts_with(whose)));
        let asks = "{speaker} asks";
        let has = "{speaker} has its answer";
        assert_eq!(run.most_in_flight(asks, has), most, "{whose}");
    }
    let questions = from(run, "64 questions to a server that takes {s} ms");
    let rows = rows(&questions);
    assert_workers(&rows, &[1.0, 4.0, 16.0, 64.0]);
    for row in rows.values().flatten() {
        assert!((1.0..=row.workers).contains(&row.last), "at once: {row:?}");
    }
    let files = from(run, "64 files of 64 KiB, written through to the disk");
    for row in self::rows(&files).values().flatten() {
        assert_eq!(row.last, 4096.0, "all files are read: {row:?}");
    }
    run.one("Computing alone takes {s} s");
    run.one("Waiting alone takes {s} s");
    run.one("Both at once take {s} s");
}

/// The run from this line on.
fn from(run: &Run, line: &str) -> Run {
    let lines = run.lines[run.one(line).0..].to_vec();
    Run { lines, ..Run::default() }
}

fn ten_thousand(run: &Run) {
    let found = run.exact(&[
        "Room for {room} open files: {n} tasks",
        "{n} tasks wait for an answer",
        "In {s} s they use {cpu} s of CPU",
        "Threads of this process: {threads}",
        "All of them have it, {*} s after the last one came",
        "{n} waited at once, in 1 thread",
        "The server had held {held} connections",
    ]);
    assert_eq!(found.number("room"), found.number("n") + 100.0);
    assert_eq!(found.number("held"), found.number("n") + 1.0, "and main");
    // Main, and in Rust one that belongs to async-io.
    assert!(found.number("threads") <= 2.0, "{found:?}");
    let used = found.number("cpu") / found.number("s");
    assert!(used < 0.1, "they wait, and do not spin: {found:?}");
}

#[test]
fn every_job_is_done_in_its_process_and_thread() {
    let run = lesson!().part("cpu");
    cpu(&run);
    assert_eq!(rows(&run).len(), 5, "five strategies");
}

#[test]
fn computing_gains_nothing_from_tasks_in_one_thread() {
    let nothing = (0..10).any(|_| {
        let run = lesson!().part("cpu");
        rows(&run)["tasks"].iter().all(|row| row.speed_up < 1.3)
    });
    assert!(nothing, "tasks of one thread share one core");
}

#[test]
fn computing_gains_from_more_cores() {
    if std::thread::available_parallelism().unwrap().get() == 1 {
        return; // There is no second one to use.
    }
    // On a busy machine there is less to gain, and most of it in a longer run.
    let mut wanted = vec!["threads", "processes"];
    for pace in [0.1; 4].into_iter().chain([1.0; 12]) {
        let run = lesson!().pace(pace).part("cpu");
        let rows = rows(&run);
        wanted.retain(|way| rows[*way].iter().all(|row| row.speed_up <= 1.3));
        if wanted.is_empty() {
            return;
        }
    }
    panic!("these do not use more than one core: {wanted:?}");
}

#[test]
fn computing_and_waiting_overlap() {
    let overlap = (0..5).any(|_| {
        let run = lesson!().pace(0.3).part("io");
        let seconds = |line| run.one(line).1.number("s");
        let computing = seconds("Computing alone takes {s} s");
        let waiting = seconds("Waiting alone takes {s} s");
        seconds("Both at once take {s} s") < 0.8 * (computing + waiting)
    });
    assert!(overlap, "a thread that waits needs no core");
}

#[test]
fn waits_overlap() {
    // Each way, how many workers, how much faster, how many at once.
    let mut wanted = vec![
        ("threads", 16.0, 4.0, 8.0),
        ("tasks", 16.0, 4.0, 8.0),
        ("processes", 4.0, 1.5, 2.0),
    ];
    // On a busy machine everything takes longer but the waiting.
    for pace in [0.3, 0.3, 0.6, 0.6, 1.0, 1.0, 2.0] {
        let run = lesson!().pace(pace).part("io");
        let questions = "64 questions to a server that takes {s} ms";
        let questions = from(&run, questions);
        let rows = rows(&questions);
        wanted.retain(|(way, workers, times, at_once)| {
            let row = rows[way].iter().find(|row| row.workers == *workers);
            let row = row.expect("it has such a row");
            row.speed_up < *times || row.last < *at_once
        });
        if wanted.is_empty() {
            io(&run); // Here it had time enough for all that it promises.
            return;
        }
    }
    panic!("not as fast as they should be, or not at once: {wanted:?}");
}

#[test]
fn ten_thousand_tasks_wait_in_one_thread() {
    let run = lesson!().part("ten_thousand");
    ten_thousand(&run);
    assert!(run.seconds >= 0.045, "all of them wait for a while");
}

#[cfg(unix)]
#[test]
fn as_many_tasks_wait_as_the_limit_of_open_files_allows() {
    let limited = |limit: &str| {
        let command = format!("ulimit {limit}; exec \"$0\" ten_thousand");
        let binary = env!("CARGO_BIN_EXE_lesson15_choosing");
        let shell = Program::lesson("lesson15_choosing", "/bin/sh");
        let run = shell.args(&["-c", &command, binary]).run();
        ten_thousand(&run);
        run.one("{n} tasks wait for an answer").1.number("n")
    };
    assert_eq!(limited("-n 300"), 200.0, "the hard limit counts");
    assert!(limited("-Sn 300") > 200.0, "the soft one is raised");
}

#[test]
fn children_exit_when_the_lesson_is_killed() {
    let slow = lesson!().pace(0.3);
    for (part, line) in [
        ("cpu", "processes {*}"),
        ("io", "Task-1 asks"),
        ("ten_thousand", "{n} tasks wait for an answer"),
    ] {
        slow.clone().args(&[part]).killed_at(line).run();
    }
}

#[test]
#[ignore = "needs python3"]
fn the_twins_threads_gain_nothing_where_they_compute() {
    let nothing = (0..10).any(|_| {
        let run = twin!().part("cpu");
        rows(&run)["threads"].iter().all(|row| row.speed_up < 1.3)
    });
    assert!(nothing, "one of them runs at a time");
}

harness::lesson_tests!(lesson!(), twin!().pace(0.2), PARTS);
