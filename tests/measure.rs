//! The one command that measures everything: it works, and its tables have
//! the form that the page wants. How fast anything is, is not tested here.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use book::chart::table::{Cell, Table};
use harness::root;

/// What stands in a folder: the name and the text of each file.
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
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(child.wait_with_output()));
    let Ok(output) = told.recv_timeout(Duration::from_secs(3600)) else {
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        panic!("not done after an hour: killed");
    };
    let output = output.expect("it can be waited for");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_lesson_has_a_row_and_every_row_its_figures() {
    let kept = files(&root().join("book/measured"));
    let text = quick_run();
    hold_rows(&Table::below(&text, "How many times as fast:").unwrap());
    hold_starts(&Table::below(&text, "How soon it is there:").unwrap());
    let now = files(&root().join("book/measured"));
    assert!(now == kept, "a quick run keeps nothing");
}

fn hold_rows(table: &Table) {
    let names = ["", "", "in", "CPython", "another", "ours", "limit"];
    assert_eq!(table.headings[..7], names);
    let seen = table.rows.iter().map(|row| row[0].clone());
    let seen: BTreeSet<_> = seen.filter(|lesson| !lesson.is_empty()).collect();
    let lessons = fs::read_dir(root().join("lessons")).expect("the lessons");
    let lessons = lessons.flatten().map(|lesson| lesson.file_name());
    let lessons = lessons.map(|name| name.to_string_lossy().into_owned());
    assert_eq!(seen, lessons.collect());
    for row in &table.rows {
        let [_, what, unit, cpython, another, ours, limit, ratio, ahead] =
            &row[..]
        else {
            panic!("not nine cells: {row:?}");
        };
        assert!(!what.is_empty() && !unit.is_empty(), "{row:?}");
        for (cell, must) in
            [(cpython, true), (ours, true), (another, false), (limit, false)]
        {
            let is_figure = Cell::parse(cell).is_some_and(|cell| {
                let (low, high) = cell.spread.expect("a spread");
                low > 0.0 && (low..=high).contains(&cell.figure)
            });
            let may_lack = cell.is_empty() && !must;
            assert!(is_figure || may_lack, "{cell:?} in {row:?}");
        }
        assert!(Cell::parse(ratio).is_some_and(|it| it.figure > 0.0));
        let first = ["ours", "CPython", "they overlap"];
        assert!(first.iter().any(|who| ahead.starts_with(who)), "{row:?}");
    }
}

fn hold_starts(table: &Table) {
    let [row] = &table.rows[..] else {
        panic!("one lesson is enough: {:?}", table.rows);
    };
    assert_eq!(row[0], "lesson08_lock");
    for cell in &row[1..] {
        let cell = Cell::parse(cell).expect("a figure");
        assert!(cell.figure > 0.0, "{row:?}");
    }
}
