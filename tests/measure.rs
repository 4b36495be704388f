//! The one command that measures everything: it works, and its tables have
//! the form that the page wants. How fast anything is, is not tested here.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use harness::root;

/// What a folder holds: the name and the text of each file.
fn files(folder: &Path) -> BTreeSet<(String, String)> {
    let files = fs::read_dir(folder).expect("the folder").flatten();
    let text = |file: fs::DirEntry| {
        let name = file.file_name().to_string_lossy().into_owned();
        (name, fs::read_to_string(file.path()).expect("it is text"))
    };
    files.map(text).collect()
}

/// What a quick run prints. It builds the benchmarks, and one lesson from
/// nothing. Its daemons are orphans, so the harness is not asked.
fn quick_run() -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.args(["measure", "--quick"]).process_group(0);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let group = format!("-{}", child.id());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(Duration::from_secs(3600)) else {
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        panic!("not done after an hour: killed");
    };
    let output = output.expect("it can be waited for");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_lesson_has_its_rows_and_every_row_both_sides() {
    let kept = files(&root().join("book/measured"));
    let text = quick_run();
    let lessons = fs::read_dir(root().join("lessons")).expect("the lessons");
    let lessons = lessons.flatten().map(|lesson| lesson.file_name());
    let lessons = lessons.map(|name| name.to_string_lossy().into_owned());
    for lesson in lessons.filter(|name| name.starts_with("lesson")) {
        let heading = format!("]({lesson}.md)** |");
        assert!(text.contains(&heading), "no row of {lesson}:\n{text}");
    }
    let is_row = |line: &&str| line.starts_with("| ") && line.contains(" x**");
    let rows: Vec<_> = text.lines().filter(is_row).collect();
    assert!(rows.len() > 30, "{text}");
    for row in rows {
        let cells: Vec<_> = row.split(" | ").collect();
        assert_eq!(cells.len(), 6, "{row}");
        for side in &cells[2..4] {
            assert!(side.contains("<br>**"), "CPython's and ours: {row}");
        }
    }
    assert!(text.contains("| [Lesson 8](lesson08_lock.md) |"), "a start");
    let now = files(&root().join("book/measured"));
    assert!(now == kept, "a quick run keeps nothing");
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let kept = files(&root().join("book/measured"));
    let temporary = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.args(["measure", "--quick", "growth"]).process_group(0);
    command.env("TMPDIR", temporary.path());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let errors = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut lines = errors.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("measures queue,")));
    let group = format!("-{}", child.id());
    let kill = Command::new("kill").args(["-INT", "--", &group]).status();
    assert!(kill.expect("there is a kill").success());
    assert!(!child.wait().expect("our own child").success());
    let left = fs::read_dir(temporary.path()).expect("our folder").flatten();
    let left: Vec<_> = left.map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
    let now = files(&root().join("book/measured"));
    assert!(now == kept, "an interrupted run keeps nothing");
}
