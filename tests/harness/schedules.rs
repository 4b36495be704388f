//! Compares the recorded graphs of schedules with runs of today.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::checks::RECORD;
use crate::{Program, Run, root};

/// Of more schedules than this, a fixed sample is run.
const MAX_RUNS: usize = 1000;

/// Asserts that the recorded graph of a part is the one that the lesson writes
/// today, that every schedule in it prints the steps and the end in the graph,
/// and that a step whose thread waits is refused in one line. The transcripts
/// of schedules of this part must be what they print today.
///
/// # Panics
///
/// When one of these differs.
#[track_caller]
pub fn assert_schedules(program: &Program, part: &str) {
    assert_schedules_in(&root().join("book/schedules"), program, part);
    let transcripts = root().join("book/transcripts").join(&program.name);
    for file in fs::read_dir(transcripts).into_iter().flatten().flatten() {
        let text = fs::read_to_string(file.path()).expect("a text");
        assert_transcript(program, part, &text);
    }
}

/// Runs the schedule of a transcript again, if it is a schedule of this part.
#[track_caller]
fn assert_transcript(program: &Program, part: &str, text: &str) {
    let (command, output) = text.split_once('\n').expect("two lines");
    let command_line = format!("$ cargo run -p {} -- {part}", program.name);
    let options = command.strip_prefix(&command_line);
    let schedule = options.and_then(|it| it.strip_prefix(" --schedule "));
    if let Some(schedule) = schedule {
        let schedule = schedule.split(" # ").next().expect("a first part");
        let run = follow(program, part, schedule);
        let recorded: Vec<_> = match run.code {
            Some(0) => Run::from_text(output).lines,
            _ => output.lines().map(String::from).collect(),
        };
        assert_eq!(run.lines, recorded, "stale: {command}\n{RECORD}");
    }
}

/// The same for graphs that are kept in another folder.
///
/// # Panics
///
/// When one of these differs.
#[track_caller]
pub fn assert_schedules_in(graphs: &Path, program: &Program, part: &str) {
    let name = &program.name;
    let file = graphs.join(name).join(part).with_extension("json");
    let text = fs::read_to_string(&file).expect("the graph is recorded");
    let command = format!("$ cargo run -p {name} -- {part} --schedule all");
    let today = follow(program, part, "all").lines;
    assert!(today.iter().eq(text.lines()), "stale: {command}\n{RECORD}");

    let graph: Value = serde_json::from_str(&text).expect("it is JSON");
    let mut ends = Vec::new();
    let mut refused = Vec::new();
    let start = Schedule { state: 0, threads: vec![], lines: vec![] };
    walk(&graph, start, &mut ends, &mut refused);
    assert_eq!(Value::from(ends.len()), graph["schedules"], "{command}");
    for Schedule { threads, lines, .. } in
        ends.iter().step_by(ends.len().div_ceil(MAX_RUNS))
    {
        let run = follow(program, part, threads.join(",").as_str());
        assert_eq!(run.lines, *lines, "{part} {threads:?}");
    }
    let program = program.clone().separate_stderr();
    for (schedule, why) in &refused {
        let run = follow(&program, part, schedule);
        let step = schedule.split(',').count();
        let line = format!("{name}: {part}: step {step}: {why}");
        assert_eq!((run.code, run.errors), (Some(1), vec![line]));
    }
}

fn follow(program: &Program, part: &str, schedule: &str) -> Run {
    program.clone().args(&[part, "--schedule", schedule]).run()
}

/// A schedule, and what it must print.
#[derive(Clone)]
struct Schedule {
    state: usize,
    threads: Vec<String>,
    lines: Vec<String>,
}

/// Collects every schedule that begins so, and every step on the way that its
/// thread cannot take, with the reason.
fn walk(
    graph: &Value,
    schedule: Schedule,
    ends: &mut Vec<Schedule>,
    refused: &mut Vec<(String, String)>,
) {
    let state = &graph["states"][schedule.state];
    let names = items(&graph["threads"]).map(|it| text(&it["name"]));
    for (n, (name, at)) in (1..).zip(names.zip(items(&state["at"]))) {
        if let Some(what) = at[1].as_str() {
            let mut threads = schedule.threads.clone();
            threads.push(n.to_string());
            refused
                .push((threads.join(","), format!("{name} waits for {what}")));
        }
    }
    if let Some(end) = state.get("good").or(state.get("bad")) {
        let mut schedule = schedule.clone();
        schedule.lines.push(text(end).into());
        ends.push(schedule);
    }
    for step in items(&state["steps"]) {
        let mut longer = schedule.clone();
        let thread = step[0].as_u64().expect("a number") as usize;
        let name = text(&graph["threads"][thread - 1]["name"]);
        longer.state = step[2].as_u64().expect("a number") as usize;
        longer.threads.push(thread.to_string());
        longer.lines.push(format!("{name}: {}", text(&step[1])));
        walk(graph, longer, ends, refused);
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
