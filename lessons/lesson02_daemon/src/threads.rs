//! Five threads, and `main` returns before they have finished.

use std::io::{self, BufRead, BufReader};
use std::process::Stdio;
use std::sync::Barrier;
use std::thread;

use shared::clock::Stopwatch;
use shared::task::long_time_task;
use shared::timeline;

use crate::daemon_child::end_with_parent;

/// Main and five threads meet here after all threads have begun.
static ALL_HAVE_BEGUN: Barrier = Barrier::new(5 + 1);

// ANCHOR: five_threads
/// What the child runs. Its parent observes how its threads end.
pub fn five_threads(args: &[String]) {
    end_with_parent();
    timeline::lane(&args[0]);
    println!("This is the main thread: MainThread");
    let watch = Stopwatch::start();
    let threads = [1, 2, 3, 4, 5].map(|k| {
        thread::spawn(move || {
            timeline::lane(&format!("Thread-{k}"));
            println!("Current thread: Thread-{k}");
            ALL_HAVE_BEGUN.wait();
            println!("Result: {}", long_time_task());
        })
    });
    ALL_HAVE_BEGUN.wait();
    match args[0].as_str() {
        "join" => threads.map(|thread| thread.join().unwrap()),
        _ => threads.map(drop), // Nothing waits for them: detached.
    };
    println!("In all: {watch} seconds");
}
// ANCHOR_END: five_threads

// ANCHOR: threads
pub fn threads() -> io::Result<()> {
    for ending in ["return", "join"] {
        let mut child = shared::child("five_threads", [ending])?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let _pipe = child.stdin.take();
        let output = child.stdout.take().expect("it is piped");
        let mut results = 0;
        for line in BufReader::new(output).lines() {
            let line = line?;
            results += usize::from(line.starts_with("Result: "));
            println!("{line}");
        }
        let status = child.wait()?;
        timeline::process_exited(child.id());
        assert!(status.success(), "a detached thread is not an error");
        println!("{ending}: of five threads {results} finished");
    }
    Ok(())
}
// ANCHOR_END: threads
