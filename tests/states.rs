//! What the page on the states of a thread shows.
#![cfg(target_os = "linux")]

use harness::{PartCheck, Program, Run, assert_transcripts};

const PARTS: [PartCheck; 2] = [("threads", threads), ("process", process)];

fn program() -> Program {
    Program::example("lesson07_threads", "states")
}

fn threads(run: &Run) {
    run.exact(&[
        "new: not in the list",
        "computes: R, seen at look {*}",
        "wants the lock: S, seen at look {*}",
        "sleeps: S, seen at look {*}",
        "starts programs: D, seen at look {*}",
        "ended: not in the list",
    ]);
}

fn process(run: &Run) {
    run.exact(&[
        "child ({C}), waits: helper S, states S",
        "child ({C}), stopped: helper T, states T",
        "child ({C}), goes on: helper S, states S",
        "child ({C}), killed: states Z",
        "child ({C}), reaped: there is no such process",
    ]);
}

#[test]
fn each_thread_is_seen_in_its_state() {
    threads(&program().part("threads"));
}

#[test]
fn a_stop_is_for_all_threads_of_a_process() {
    process(&program().part("process"));
}

#[test]
fn nothing_is_left_when_it_is_killed() {
    // At this pace it would go on for seconds.
    let slow = program().pace(1.0);
    let killed = |line| {
        let run = slow.clone().args(&["process"]).killed_at(line).run();
        assert_eq!(run.code, None, "killed");
    };
    killed("child ({*}), waits: {*}");
    killed("child ({*}), stopped: {*}");
    slow.args(&["threads"]).killed_at("sleeps: {*}").run();
}

#[test]
fn all_parts_run_in_their_order() {
    let run = program().args(&["--list"]).run();
    assert_eq!(run.names(), PARTS.map(|(name, _)| name));
}

#[test]
fn transcripts_are_legal_outputs() {
    assert_transcripts(&program(), &PARTS);
}
