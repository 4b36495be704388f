//! The example `cluster`: the leading server is killed, and nothing is lost.

use std::fs;

use harness::{Run, root};

#[test]
fn the_recorded_cluster_loses_nothing() {
    let path = "book/transcripts/lesson14_distributed/cluster.txt";
    let text = fs::read_to_string(root().join(path)).expect("a transcript");
    let (_, output) = text.split_once('\n').expect("a command and its output");
    let run = Run::from_text(output);
    let stall = "after that no result came for {seconds} s";
    run.before("three nats-servers {version}", stall);
    run.before("{n} results; server {i} leads: I kill it", stall);
    assert!(run.one(stall).1.number("seconds") >= 0.0);
    run.before(stall, "40 results, each once: nothing is lost");
    assert_eq!(run.lines.len(), 4);
}
