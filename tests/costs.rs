//! What a task, a thread and a process cost, in Rust and in Python.

use std::collections::BTreeMap;

use harness::{
    PartCheck, Program, Run, assert_spread, assert_transcripts, assert_twin,
    number,
};

const PARTS: [PartCheck; 3] =
    [("create", create), ("switch", switch), ("server", server)];

fn costs() -> Program {
    Program::example("lesson15_choosing", "costs")
}

fn twin() -> Program {
    Program::script("lesson15_choosing", "costs")
}

/// Microseconds by kind and number.
fn table(run: &Run, kinds: &[&str], first: f64) -> BTreeMap<String, Vec<f64>> {
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
    let costs = table(run, &KINDS, 1.0);
    assert_eq!(costs.len(), 3);
}

fn switch(run: &Run) {
    let costs = table(run, &KINDS, 2.0);
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

#[test]
fn a_task_is_cheaper_than_a_thread_and_a_thread_than_a_process() {
    let cheaper = (0..5).any(|_| {
        let run = costs().part("create");
        create(&run);
        let costs = table(&run, &KINDS, 1.0);
        let [tasks, threads, processes] = KINDS.map(|kind| costs[kind][1]);
        tasks * 2.0 < threads && threads * 2.0 < processes
    });
    assert!(cheaper, "ten of each");
}

/// The stacks of the first try; the later ones use them again.
#[test]
fn the_memory_of_threads_is_measured() {
    let grown = (0..10).any(|_| {
        let run = costs().part("create");
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
        let run = costs().part("switch");
        switch(&run);
        let costs = table(&run, &KINDS, 2.0);
        let [tasks, threads, processes] = KINDS.map(|kind| costs[kind][0]);
        tasks * 2.0 < threads && tasks * 2.0 < processes
    });
    assert!(cheaper, "a switch without the system");
}

#[test]
fn every_server_answers_all_requests() {
    server(&costs().part("server"));
}

#[test]
fn children_exit_when_it_is_killed() {
    let slow = costs().pace(0.3);
    for (part, line) in [
        ("create", "threads {*} 100 {*}"),
        ("switch", "threads {*} 100 {*}"),
        ("server", "processes {*}"),
        ("server", "threads {*}"),
    ] {
        slow.clone().args(&[part]).killed_at(line).run();
    }
}

#[test]
fn all_parts_run_in_their_order() {
    let run = costs().args(&["--list"]).run();
    assert_eq!(run.names(), PARTS.map(|(name, _)| name));
}

#[test]
fn transcripts_are_legal_outputs() {
    assert_transcripts(&costs(), &PARTS);
}

#[test]
#[ignore = "needs python3"]
fn the_twin_holds_the_same() {
    assert_twin(&twin().pace(0.2), &PARTS);
}

#[test]
#[ignore = "needs python3"]
fn transcripts_of_the_twin_are_legal_outputs() {
    assert_transcripts(&twin().pace(0.2), &PARTS);
}
