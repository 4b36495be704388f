//! Tasks a second of a pool of four: `cargo bench -p lesson04_pool`

use std::process::Command;

use harness::bench::{A_SECOND, Row, compare};

fn main() {
    compare(vec![
        Row::new("one", "tasks, chunks of 1", A_SECOND)
            .python("Pool", "chunks_of_1", 100_000)
            .ours("process_pool", 100_000, |tasks| rate("pool", tasks, "1"))
            .other("rayon, in threads", 1_000_000, by_rayon),
        Row::new("chunks", "tasks, default chunks", A_SECOND)
            .python("Pool", "default_chunks", 1_000_000)
            .ours("process_pool", 1_000_000, |tasks| rate("pool", tasks, "0"))
            .other("rayon, in threads", 1_000_000, by_rayon),
    ]);
}

fn by_rayon(tasks: usize) -> f64 {
    rate("rayon", tasks, "0")
}

/// One round of the lesson's role `rate`, after one to warm up.
fn rate(what: &str, tasks: usize, chunk: &str) -> f64 {
    let output = Command::new(env!("CARGO_BIN_EXE_lesson04_pool"))
        .args(["rate", what, &tasks.to_string(), chunk, "1"])
        .output()
        .expect("the lesson starts");
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    stdout.trim().parse().expect("a number")
}
