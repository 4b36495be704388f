//! Tests of the harness: each assertion passes and fails when it should.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::{PartCheck, Program, Run, assert_picture, differences};
use shared::timeline::{Interval, Kind, Lane, Picture, from_tsv, tsv};

fn sample() -> Program {
    Program::lesson("sample", env!("CARGO_BIN_EXE_sample"))
}

/// What the assertion says when it fails.
#[track_caller]
fn complaint(assertion: impl FnOnce()) -> String {
    let failed = catch_unwind(AssertUnwindSafe(assertion));
    let panic = failed.expect_err("the assertion must fail");
    panic.downcast_ref::<String>().expect("it has words").clone()
}

#[track_caller]
fn complains(assertion: impl FnOnce(), words: &str) {
    let complaint = complaint(assertion);
    assert!(complaint.contains(words), "{complaint}");
}

fn lines(text: &str) -> Run {
    Run::from_text(text)
}

#[test]
fn a_run_shows_what_a_terminal_shows() {
    let run = sample().part("good");
    let found = run.exact(&[
        "Process ({P}) start...",
        "Thread-1 says 1",
        "sample: a line on standard error",
    ]);
    assert!(found.number("P") > 0.0);
    assert!(run.elapsed.as_secs_f64() >= run.seconds);
}

#[test]
fn standard_error_can_be_separated() {
    let run = sample().separate_stderr().part("good");
    assert_eq!(run.lines.len(), 2);
    assert_eq!(run.errors, ["sample: a line on standard error"]);
}

#[test]
fn a_program_that_hangs_is_killed_and_reported() {
    let sample = sample().deadline(Duration::from_secs(1));
    let complaint = complaint(|| drop(sample.part("hangs")));
    assert!(complaint.contains("not done after 1s: killed"), "{complaint}");
    assert!(complaint.contains("sample waits forever"), "{complaint}");
}

/// The sample, which prints to where this test wants it.
fn printing_to(output: impl Into<Stdio>, part: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sample"))
        .arg(part)
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the sample can be run")
}

#[track_caller]
fn ends_with_one_line(sample: Child, line: &str) {
    let output = sample.wait_with_output().expect("it is ours");
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(words, format!("sample: {line}\n"));
    assert_eq!(output.status.code(), Some(1));
}

const UNREAD: &str = "the reader of its output has gone";

#[test]
fn a_lesson_that_nobody_reads_ends_with_one_line() {
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    ends_with_one_line(printing_to(writer, "good"), UNREAD);
}

#[test]
fn all_threads_of_a_lesson_that_nobody_reads_end_with_one_line() {
    let (reader, writer) = io::pipe().expect("a pipe");
    let sample = printing_to(writer, "last_words");
    assert_eq!(BufReader::new(reader).lines().take(100).count(), 100);
    ends_with_one_line(sample, UNREAD);
}

#[cfg(target_os = "linux")]
#[test]
fn a_lesson_whose_output_has_no_room_says_so_in_one_line() {
    let full = fs::File::create("/dev/full").expect("Linux has it");
    let why = "it cannot print: No space left on device (os error 28)";
    ends_with_one_line(printing_to(full, "good"), why);
}

#[test]
fn a_failure_is_reported_with_its_code() {
    complains(|| drop(sample().part("fails")), "ended with Some(1)");
    let run = sample().separate_stderr().args(&["fails"]).run();
    assert_eq!(run.errors, ["sample: fails: no luck"]);
}

#[test]
fn a_process_left_behind_is_reported() {
    let left = |part| complaint(|| drop(sample().part(part)));
    let child = left("leaves_a_child");
    assert!(child.contains("a live process of its group"), "{child}");
    let zombie = left("leaves_a_zombie");
    assert!(zombie.contains("a child unreaped"), "{zombie}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_daemon_left_behind_is_reported() {
    complains(|| drop(sample().part("leaves_a_daemon")), "left behind");
}

#[cfg(target_os = "linux")]
#[test]
fn who_has_just_been_started_is_killed_too() {
    for run in 0..200 {
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", "exec sleep 20"]);
        let run = run.to_string();
        let mut shell = shell.env("JUST_STARTED", &run).spawn().expect("sh");
        harness::kill_marked("JUST_STARTED", &run);
        let ended = shell.wait().expect("it is ours");
        assert!(!ended.success(), "it lived on, run {run}");
    }
}

#[test]
fn a_file_left_behind_is_reported() {
    complains(|| drop(sample().part("leaves_a_file")), "[\"left\"]");
}

#[test]
fn children_of_a_killed_program_must_end_by_themselves() {
    let killed = |part| sample().args(&[part]).killed_at("{*} begins");
    let run = killed("children").run();
    assert_eq!(run.code, None, "a signal ended it");
    run.before("one begins", "one ends");
    let never = sample().args(&["good"]).killed_at("never");
    complains(|| drop(never.run()), "no line is \"never\"");
}

#[test]
fn a_program_that_is_not_there_is_reported() {
    let missing = Program::lesson("missing", "/no/such/program");
    complains(|| drop(missing.run()), "cannot be started");
}

#[test]
fn exact_wants_these_lines_and_no_others() {
    let run = lines("a 1\nb 1\n");
    assert_eq!(run.exact(&["a {x}", "b {x}"]).text("x"), "1");
    complains(|| drop(run.exact(&["b {x}", "a {x}"])), "line 1 is not");
    complains(|| drop(run.exact(&["a {x}"])), "more than 1 lines");
    complains(|| drop(run.exact(&["a 1", "b 1", "c"])), "line 3 is not");
}

#[test]
fn a_hole_is_the_same_word_everywhere() {
    let run = lines("a 1\nb 2\n");
    complains(|| drop(run.exact(&["a {x}", "b {x}"])), "line 2 is not");
    complains(|| drop(run.in_any_order(&["b {x}", "a {x}"])), "any order");
    run.exact(&["a {x}", "b {y}"]);
    run.exact(&["a {*}", "b {*}"]);
}

#[test]
fn any_order_counts_every_line() {
    let run = lines("b 1\na 1\na 2\n");
    run.in_any_order(&["a {x}", "a {y}", "b {x}"]);
    complains(|| drop(run.in_any_order(&["a 1", "b 1"])), "exactly 2");
    let twice = ["a 1", "a 1", "b 1"];
    complains(|| drop(run.in_any_order(&twice)), "any order");
}

#[test]
fn one_and_before_want_each_line_once() {
    let run = lines("first\nsecond\nfirst again\n");
    run.before("first", "second");
    complains(|| run.before("second", "first"), "is not before");
    complains(|| drop(run.one("first{*}")), "2 lines are");
    complains(|| drop(run.one("third")), "0 lines are");
}

#[test]
fn each_speaker_has_an_order_of_its_own() {
    let run = lines("A says 1\nB says 1\nB says 2\nA says 2\nnobody\n");
    let speakers = run.by_speaker("{speaker} says {what}");
    assert_eq!(speakers.len(), 2);
    assert_eq!(speakers["A"], ["1", "2"]);
    assert_ne!(speakers["B"], ["2", "1"]);
}

#[test]
fn those_in_flight_are_counted() {
    let side_by_side = lines("A in\nB in\nA out\nC in\nC out\nB out\n");
    assert_eq!(side_by_side.most_in_flight("{speaker} in", "{speaker} out"), 2);
    let in_turn = lines("A in\nA out\nB in\nB out\n");
    assert_eq!(in_turn.most_in_flight("{speaker} in", "{speaker} out"), 1);
    let out_only = lines("A out\n");
    let count = || {
        assert!(out_only.most_in_flight("{speaker} in", "{speaker} out") > 9)
    };
    complains(count, "A ends, but never began");
}

#[test]
fn a_stale_transcript_is_reported() {
    let parts: [PartCheck; 1] = [("good", |run| {
        run.one("Process ({P}) start...");
    })];
    let folder = tempfile::tempdir().expect("a folder");
    let hold = |text: &str| {
        let sample_folder = folder.path().join("sample");
        fs::create_dir_all(&sample_folder).expect("a folder");
        fs::write(sample_folder.join("any.txt"), text).expect("a transcript");
        harness::assert_transcripts_in(folder.path(), &sample(), &parts);
    };
    let sound = "$ cargo run -p sample -- good\n\
                 --- good: says three lines ---\n\
                 Process (876) start...\n\
                 Thread-1 says 1\n\
                 sample: a line on standard error\n\
                 --- good took 0.00 s ---\n";
    hold(sound);
    for (old, new, words) in [
        ("Thread-1 says 1", "Thread-1 said 1", "stale"),
        ("Thread-1 says 1\n", "", "stale"),
        ("start...\n", "start...\nOne more line\n", "stale"),
        ("Process (876)", "Thread (876)", "Process ({P}) start..."),
        ("-- good", "-- better", "no part"),
        ("-p sample", "-p another", "no transcript"),
    ] {
        let stale = sound.replacen(old, new, 1);
        complains(|| hold(&stale), words);
    }
}

#[test]
fn a_part_has_a_heading_and_an_end() {
    let run = lines("--- a: b ---\nx\n--- a took 0.50 s ---\ndrawn\n");
    assert_eq!((run.lines.as_slice(), run.seconds), (&["x".into()][..], 0.5));
    let cut = "--- a: b ---\nx\n--- b took 0.50 s ---\n";
    complains(|| drop(lines(cut)), "a heading and no end");
}

#[test]
fn children_show_in_one_picture() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("children.svg");
    let drawing = format!("--timeline={}", file.display());
    let run = sample().args(&["children", &drawing]).run();
    assert_eq!(run.most_in_flight("{speaker} begins", "{speaker} ends"), 2);
    let svg = fs::read_to_string(file).unwrap();
    let lanes = ["parent: waits for both", "one: works", "two: works"];
    let places = lanes.map(|lane| svg.find(lane).expect(lane));
    assert!(places.is_sorted(), "{svg}");
}

/// What two children do, the second one from `start` to `end`.
fn spans(start: f64, end: f64) -> String {
    let bar = |label: &str, kind, start, end| {
        vec![Interval { label: label.into(), kind, start, end }]
    };
    let lane = |name: &str, intervals| Lane { name: name.into(), intervals };
    let lanes = vec![
        lane("parent", bar("waits for both", Kind::Wait, 0.0, end)),
        lane("one", bar("works", Kind::Work, 0.0, 10.0)),
        lane("two", bar("works", Kind::Work, start, end)),
    ];
    tsv(&[Picture { title: "sample".into(), lanes }])
}

#[test]
fn a_picture_that_no_run_shows_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let hold = |part: &str, table: &str| {
        let file = folder.path().join(part).with_extension("tsv");
        fs::write(&file, table).unwrap();
        assert_picture(&sample().pace(0.01), &file);
    };
    let table = spans(0.0, 10.0);
    hold("children", &table);
    let other = table.replace("\tone\t", "\tfirst\t");
    complains(|| hold("children", &other), "the lanes were [\"first\", ");
    let other = table.replace("works", "rests");
    complains(|| hold("children", &other), "not recorded: \"one works: works");
    let words = "no longer overlap: \"one works: works\" and \"two works: wo";
    complains(|| hold("in_turn", &table), words);
    complains(|| hold("fails", &table), "ended with Some(1)");
    complains(|| hold("children", "no table"), "line 1: no headings");
}

#[test]
fn what_never_overlaps_must_not_overlap_today() {
    let picture = |start, end| from_tsv(&spans(start, end)).unwrap().remove(0);
    let in_turn = picture(10.0, 20.0);
    assert!(differences(&in_turn, &picture(9.0, 19.0)).is_empty(), "blurred");
    let words =
        "did not overlap: \"one works: works\" and \"two works: works\"";
    assert_eq!(differences(&in_turn, &picture(1.0, 11.0)), [words]);
}

#[test]
fn children_inherit_the_pace() {
    let run = sample().pace(0.01).part("children");
    assert!(run.seconds >= 0.1, "ten seconds at this pace");
    let slower = sample().pace(0.05).part("children");
    assert!(slower.seconds >= 0.5, "ten seconds at that pace");
}

#[test]
fn a_timeline_leaves_no_file_even_when_killed() {
    let sample = sample().deadline(Duration::from_secs(1));
    let killed = sample.args(&["hangs", "--timeline"]);
    // Were a file left, the run would complain of that instead.
    complains(|| drop(killed.run()), "killed");
}
