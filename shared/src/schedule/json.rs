//! A graph as JSON, for the page.

use std::fmt::Display;

use super::execution::{Program, State};
use super::explorer::{Edge, Graph};
use super::source::Source;
use super::thread::Position;

/// The graph of a program, and the lines of its threads.
///
/// # Panics
///
/// If no schedule reaches one of the goals.
pub(super) fn json<S: Sync + 'static>(
    program: &Program<S>,
    graph: &Graph,
) -> String {
    let source = Source(program.source);
    let starts = program.threads.iter().zip(&graph.states[0].positions);
    let threads = starts.map(|((name, _), start)| {
        let line = line_of(start).expect("a thread takes a step");
        let (first, lines) = source.function(name, line);
        let lines = list(lines.iter().map(quoted), ", ");
        format!(
            r#"{{"name": {}, "first": {first}, "lines": {lines}}}"#,
            quoted(name)
        )
    });
    let goals = program.goals.iter().map(|(task, end)| {
        let schedule = graph.shortest_to(end);
        let schedule = schedule.unwrap_or_else(|| panic!("no end is {end:?}"));
        let schedule = list(schedule.iter().map(|thread| thread + 1), ", ");
        format!(
            r#"{{"task": {}, "end": {}, "shortest": {schedule}}}"#,
            quoted(task),
            quoted(end)
        )
    });
    let states = graph.states.iter().zip(&graph.edges);
    let states = states.map(|(state, edges)| state_of(state, edges));
    format!(
        "{{\n\"schedules\": {}, \"good\": {},\n\"threads\": {},\n\
         \"goals\": {},\n\"states\": {}\n}}\n",
        graph.schedules(),
        graph.schedules_that_end_well(),
        list(threads, ",\n"),
        list(goals, ",\n"),
        list(states, ",\n"),
    )
}

fn state_of(state: &State, edges: &[Edge]) -> String {
    let positions = state.positions.iter().map(|position| match position {
        Position::Gate { line, waits_for: Some(what) } => {
            format!("[{line}, {}]", quoted(what))
        }
        Position::Gate { line, waits_for: None } => format!("[{line}]"),
        Position::Finished => "[]".into(),
    });
    let steps = edges.iter().map(|Edge { step, to }| {
        format!("[{}, {}, {to}]", step.thread + 1, quoted(&step.text))
    });
    let end = match &state.end {
        None => String::new(),
        Some(Ok(end)) => format!(r#", "good": {}"#, quoted(end)),
        Some(Err(end)) => format!(r#", "bad": {}"#, quoted(end)),
    };
    format!(
        r#"{{"shared": {}, "at": {}, "steps": {}{end}}}"#,
        quoted(&state.shared),
        list(positions, ", "),
        list(steps, ", "),
    )
}

fn line_of(position: &Position) -> Option<u32> {
    match position {
        Position::Gate { line, .. } => Some(*line),
        Position::Finished => None,
    }
}

fn list<T: Display>(items: impl Iterator<Item = T>, separator: &str) -> String {
    let items: Vec<_> = items.map(|item| item.to_string()).collect();
    format!("[{}]", items.join(separator))
}

/// The text as JSON has it; `<` as well, for the text is to stand in a page.
fn quoted(text: impl AsRef<str>) -> String {
    let mut quoted = String::from("\"");
    for c in text.as_ref().chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '<' => quoted += "\\u003c",
            c if c < ' ' => quoted += &format!("\\u{:04x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stays_one_json_text() {
        assert_eq!(quoted("a \"\\\n</"), r#""a \"\\\u000a\u003c/""#);
    }
}
