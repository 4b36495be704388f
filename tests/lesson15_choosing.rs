//! What lesson 15 and its Python twin must show.

use std::collections::BTreeMap;

use harness::{PartCheck, Program, Run, lesson, twin};
use shared::task::count_primes;

const PARTS: [PartCheck; 6] = [
    ("cpu", cpu),
    ("io", io),
    ("create", create),
    ("switch", switch),
    ("server", server),
    ("ten_thousand", ten_thousand),
];

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

fn number(word: &str) -> f64 {
    word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
}

/// The median is more than nothing, and lies within `(low-high)`.
fn assert_spread(median: &str, spread: &str) {
    let spread = spread.trim_matches(['(', ')']);
    let (low, high) = spread.split_once('-').expect("low and high");
    let low = number(low);
    let median = number(median);
    let high = number(high);
    assert!(low <= median && median <= high, "{low} {median} {high}");
    assert!(high > 0.0, "it takes some time");
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
            // A thread that finds no job left has done none.
            "rayon" => {
                assert!(row.processes == one, "{row:?}");
                assert!((one..=all).contains(&row.threads), "{row:?}");
            }
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

/// Microseconds by kind and number.
fn costs(run: &Run, kinds: &[&str], first: f64) -> BTreeMap<String, Vec<f64>> {
    assert!(run.lines[0].starts_with("kind  "), "{:?}", run.lines[0]);
    let mut costs: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut numbers: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in &run.lines[1..] {
        let line = line.replace("no switch", "no_switch");
        let words: Vec<_> = line.split_whitespace().collect();
        let [kind, n, median, spread, ref kib @ ..] = words[..] else {
            run.fail(&format!("no row: {line}"));
        };
        assert_spread(median, spread);
        let is_known = |kib: &&str| *kib == "unknown" || number(kib) >= 0.0;
        assert!(kib.len() <= 1 && kib.iter().all(is_known), "{line}");
        costs.entry(kind.into()).or_default().push(number(median));
        numbers.entry(kind.into()).or_default().push(number(n));
    }
    for kind in kinds {
        let numbers = numbers.get(*kind).map_or(&[][..], |n| n);
        assert!(numbers.starts_with(&[first, 10.0]), "{kind}: {numbers:?}");
    }
    costs
}

const KINDS: [&str; 3] = ["tasks", "threads", "processes"];

fn create(run: &Run) {
    let costs = costs(run, &KINDS, 1.0);
    assert_eq!(costs.len(), 3);
}

fn switch(run: &Run) {
    let costs = costs(run, &KINDS, 2.0);
    assert_eq!(costs["no_switch"].len(), 1);
    assert_eq!(costs.len(), 4);
}

/// A row for each server, with a rate and with the memory of a connection.
fn server(run: &Run) {
    let heading = "server     requests a second (spread)  KiB a connection";
    assert_eq!(run.lines[0], heading);
    let mut servers = Vec::new();
    for line in &run.lines[1..] {
        let words: Vec<_> = line.split_whitespace().collect();
        let [server, rate, spread, kib] = words[..] else {
            run.fail(&format!("no row: {line}"));
        };
        assert_spread(rate, spread);
        assert!(kib == "unknown" || number(kib) >= 0.0, "{line}");
        servers.push(server);
    }
    assert!(servers.starts_with(&["processes", "threads", "loop"]));
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
    assert_eq!(rows(&run).len(), 6, "six strategies");
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
    let mut wanted = vec!["threads", "processes", "rayon"];
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
        ("rayon", 16.0, 4.0, 8.0),
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
fn a_task_is_cheaper_than_a_thread_and_a_thread_than_a_process() {
    let cheaper = (0..5).any(|_| {
        let run = lesson!().part("create");
        create(&run);
        let costs = costs(&run, &KINDS, 1.0);
        let [tasks, threads, processes] = KINDS.map(|kind| costs[kind][1]);
        tasks * 2.0 < threads && threads * 2.0 < processes
    });
    assert!(cheaper, "ten of each");
}

/// The stacks of the first try; the later ones use them again.
#[test]
fn the_memory_of_threads_is_measured() {
    let grown = (0..10).any(|_| {
        let run = lesson!().part("create");
        let ten = run
            .lines
            .iter()
            .find(|line| line.starts_with("threads") && line.contains(" 10 "));
        !ten.expect("a row of ten threads").ends_with(" 0.0")
    });
    assert!(grown, "ten threads have ten stacks");
}

#[test]
fn the_turn_of_a_task_is_the_cheapest() {
    let cheaper = (0..5).any(|_| {
        let run = lesson!().part("switch");
        switch(&run);
        let costs = costs(&run, &KINDS, 2.0);
        let [tasks, threads, processes] = KINDS.map(|kind| costs[kind][0]);
        tasks * 2.0 < threads && tasks * 2.0 < processes
    });
    assert!(cheaper, "a switch without the system");
}

#[test]
fn every_server_answers_all_requests() {
    server(&lesson!().part("server"));
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
        ("create", "threads {*} 100 {*}"),
        ("switch", "threads {*} 100 {*}"),
        ("server", "processes {*}"),
        ("server", "threads {*}"),
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
