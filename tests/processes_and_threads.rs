//! What the page on processes and threads shows.

use harness::{PartCheck, Program, Run, assert_transcripts};

const PARTS: [PartCheck; 3] =
    [("memory", memory), ("turns", turns), ("calls", calls)];

fn program() -> Program {
    Program::example("lesson07_threads", "processes_and_threads")
}

fn memory(run: &Run) {
    let found = run.exact(&[
        "process {P}, main: I take 0, and leave 100",
        "process {P}, a thread: I take 30, and leave 70",
        "process {P}, main: I take 0, and leave 70",
        "process {C}, main: I take 50, and leave 50",
        "process {P}, main: I take 0, and leave 70",
    ]);
    assert_ne!(found.text("P"), found.text("C"));
}

fn turns(run: &Run) {
    run.exact(&[
        "On one core:",
        "A{*}",
        "B{*}",
        "Both at the same time: {one} %",
        "On two cores:",
        "A{*}",
        "B{*}",
        "Both at the same time: {two} %",
    ]);
}

/// How much of the time both ran, on one core and on two, in percent.
fn both(run: &Run) -> (f64, f64) {
    let both = run.all("Both at the same time: {share} %");
    (both[0].1.number("share"), both[1].1.number("share"))
}

fn calls(run: &Run) {
    let found = run.exact(&[
        "sync: I ask for 12 * 12",
        "sync: the call returns after {sync} s, with 144",
        "async: I ask for 12 * 12",
        "async: the call returns after {handle} s, with a handle",
        "async: I do other things",
        "async: after {all} s the handle has 144",
    ]);
    assert!(found.number("handle") <= found.number("all"));
}

#[test]
fn threads_share_what_a_child_does_not() {
    memory(&program().part("memory"));
}

#[test]
#[cfg(target_os = "linux")]
fn on_one_core_two_threads_take_turns() {
    let shown = (0..50).any(|_| {
        let run = program().part("turns");
        turns(&run);
        let ran = [1, 2].map(|i| run.lines[i].matches('#').count());
        // Where both have hardly run at all, it says nothing.
        let says = ran[0] + ran[1] >= 10;
        assert!(!says || both(&run).0 < 50.0, "never in the same instant");
        says && ran[0] > 0 && ran[1] > 0
    });
    assert!(shown, "both have their turns");
}

#[test]
#[cfg(target_os = "linux")]
fn on_two_cores_they_run_at_the_same_time() {
    if std::thread::available_parallelism().unwrap().get() == 1 {
        return; // There is no second one.
    }
    // Others want these cores as well: one time in fifty is enough.
    let together = (0..50).any(|_| {
        let (one, two) = both(&program().part("turns"));
        two > 3.0 * one + 10.0
    });
    assert!(together, "more than on one core");
}

#[test]
fn only_the_synchronous_call_waits_for_its_result() {
    let run = program().part("calls");
    calls(&run);
    assert!(run.seconds >= 0.095, "two naps of a second");
    let sync = run.one("sync: the call returns after {s} s, with 144").1;
    assert!(sync.number("s") >= 0.05);
    // The handle comes at once, if no other process delays us.
    let at_once = (0..20).any(|_| {
        let run = program().pace(0.2).part("calls");
        let handle = "async: the call returns after {s} s, with a handle";
        let all = "async: after {s} s the handle has 144";
        run.one(handle).1.number("s") < run.one(all).1.number("s") / 2.0
    });
    assert!(at_once, "long before the result");
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
