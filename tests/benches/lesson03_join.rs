//! What a join costs: `cargo bench -p lesson03_join`

use std::env;
use std::io;
use std::process::{Child, Stdio};
use std::time::Duration;

use harness::bench::{Row, compare, micros};
use wait_timeout::ChildExt;

fn main() {
    if env::args().nth(1).is_some_and(|role| role == "wait") {
        io::copy(&mut io::stdin(), &mut io::sink()).expect("it is a pipe");
        return;
    }
    compare(vec![
        Row::new("join", "tell a child to exit, and join it", "microseconds")
            .why(
                "Both ways wait for the same process, which takes \
                 nearly all of the time.",
            )
            .times(50)
            .python("join(60)", "join")
            .ours("wait-timeout", with_timeout)
            .other("std wait", without_timeout),
    ]);
}

/// Starts all children, then tells one after the other to exit.
fn end(times: usize, join: fn(&mut Child)) -> f64 {
    let start = |_| {
        let mut child = shared::child("wait", [""; 0]).expect("this program");
        child.stdin(Stdio::piped()).spawn().expect("it starts")
    };
    let mut children: Vec<_> = (0..times).map(start).collect();
    micros(times, || {
        let mut child = children.pop().expect("one for each round");
        drop(child.stdin.take());
        join(&mut child);
    })
}

fn with_timeout(times: usize) -> f64 {
    end(times, |child| {
        let status = child.wait_timeout(Duration::from_secs(60));
        assert!(status.expect("it is our child").is_some(), "no timeout");
    })
}

fn without_timeout(times: usize) -> f64 {
    end(times, |child| {
        assert!(child.wait().expect("it is our child").success());
    })
}
