//! Tasks a second of our pool, of CPython's, and of rayon, in one run:
//! `cargo bench -p lesson04_pool`.

use std::process::Command;

use harness::bench::{
    Series, Side, Table, figure, here, keep, python, times, turns,
};

/// What the table's rows are: chunk (0 for the default) and tasks.
const ROWS: [(&str, &str, usize); 2] =
    [("chunks of 1", "1", 100_000), ("default chunks", "0", 1_000_000)];

/// How often each of them takes its turn.
const TURNS: usize = 5;

/// Rounds in a turn.
const ROUNDS: &str = "3";

fn main() {
    println!("Tasks a second on 4 workers, tasks that do nothing");
    println!("{}", here());
    println!("median (lowest-highest) of {TURNS} times {ROUNDS} rounds");
    println!();
    let mut table = Table::new(&["", "CPython's Pool", "ours", "ratio"]);
    let rayon = &times(1_000_000).to_string();
    let rayon = Series::new(rate("rayon", rayon, "0"));
    for (row, chunk, tasks) in ROWS {
        let tasks = &times(tasks).to_string();
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..turns(TURNS) {
            let script = "lessons/lesson04_pool/bench.py";
            theirs.extend(python(script, &[tasks, chunk, ROUNDS]));
            ours.extend(rate("pool", tasks, chunk));
        }
        let (theirs, ours) = (Series::new(theirs), Series::new(ours));
        let figures = [
            (Side::CPython, "Pool", &theirs),
            (Side::Other, "rayon, in threads", &rayon),
            (Side::Ours, "our pool", &ours),
        ];
        keep("lesson04_pool", &format!("tasks, {row}"), "a second", &figures);
        let ratio = ours.median() / theirs.median();
        let ratio = format!("{} x", figure(ratio));
        table.row(&[row.into(), theirs.to_string(), ours.to_string(), ratio]);
    }
    table.row(&["rayon's threads", "", &rayon.to_string(), ""]);
    print!("{table}");
}

/// What the lesson's role `rate` prints.
fn rate(what: &str, tasks: &str, chunk: &str) -> Vec<f64> {
    let output = Command::new(env!("CARGO_BIN_EXE_lesson04_pool"))
        .args(["rate", what, tasks, chunk, ROUNDS])
        .output()
        .expect("the lesson can be started");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| line.parse().expect("a number")).collect()
}
