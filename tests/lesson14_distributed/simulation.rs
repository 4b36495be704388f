//! A thousand workers at the queue that is in the master, with failures, as
//! the example `simulation` has them.

use std::fs;

use harness::{Run, root};

/// What the queue has counted and what its workers have counted agree: the
/// program says so, or ends with 1.
#[test]
fn the_recorded_simulation_loses_nothing() {
    let path = "book/transcripts/lesson14_distributed/simulation.txt";
    let text = fs::read_to_string(root().join(path)).expect("a transcript");
    let (_, output) = text.split_once('\n').expect("a command and its output");
    let run = Run::from_text(output);
    let number = |line: &str| {
        run.one(&format!("simulation ({{P}}): {line}")).1.number("n")
    };
    assert_eq!(number("{n} results, each once: {*}"), 10_000.0);
    let lost = number("workers that died: {*}, with {n} tasks in hand");
    let released = number("froze: {*}, tasks given back: {n}");
    let again = number("given out again: {n}, results dropped: {*}");
    assert!(lost >= 200.0, "one in fifty is its worker's end");
    assert!(released > 0.0 && again >= released);
    let froze = number("froze: {n}, tasks given back: {*}");
    let dropped = number("given out again: {*}, results dropped: {n}");
    assert!(froze > 0.0 && dropped > 0.0, "late results are dropped");
    assert!(dropped <= again, "only what came again has two results");
}
