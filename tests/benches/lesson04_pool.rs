//! Tasks a second of a pool of four: `cargo bench -p lesson04_pool`

use std::process::Command;

use harness::bench::{A_SECOND, Row, compare};

fn main() {
    compare(vec![
        Row::new("one", "tasks, chunks of 1", A_SECOND)
            .python("Pool", "chunks_of_1")
            .ours("process_pool", |tasks| rate("pool", tasks, "1")),
        Row::new("chunks", "tasks, default chunks", A_SECOND)
            .why(
                "A task on rayon's threads stays in memory; one of \
                 a pool passes a pipe.",
            )
            .python("Pool", "default_chunks")
            .ours("process_pool", |tasks| rate("pool", tasks, "0"))
            .other("rayon, in threads", |tasks| rate("rayon", tasks, "0")),
    ]);
}

/// Rounds of the lesson's role `rate`, after one to warm up: what all results
/// of a sample need would not fit into the memory.
fn rate(what: &str, tasks: usize, chunk: &str) -> f64 {
    let rounds = tasks.div_ceil(1_000_000);
    let tasks = tasks / rounds;
    let output = Command::new(env!("CARGO_BIN_EXE_lesson04_pool"))
        .args(["rate", what, &tasks.to_string(), chunk, &rounds.to_string()])
        .output()
        .expect("the lesson starts");
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let rates = stdout.lines().map(|line| line.parse().expect("a number"));
    rounds as f64 / rates.map(f64::recip).sum::<f64>()
}
