//! What starting a process costs: `cargo bench -p lesson01_process`

use std::env;
use std::process::Command;

use harness::bench::{Row, compare, micros};

fn main() {
    if env::args().nth(1).is_some_and(|role| role == "nothing") {
        return;
    }
    let row = |id, what| {
        Row::new(id, what, "microseconds")
            .python(id, id)
            .ours("this program again", this_program)
            .limit("`true`", true_of_coreutils)
    };
    compare(vec![
        row("fork", "start a child by fork, and wait"),
        row("forkserver", "start a child by forkserver, and wait"),
        row("spawn", "start a child by spawn, and wait"),
    ]);
}

fn this_program(times: usize) -> f64 {
    micros(times, || {
        let mut child =
            shared::child("nothing", [""; 0]).expect("this program");
        assert!(child.status().expect("it starts").success());
    })
}

fn true_of_coreutils(times: usize) -> f64 {
    micros(times, || {
        assert!(Command::new("true").status().expect("coreutils").success());
    })
}
