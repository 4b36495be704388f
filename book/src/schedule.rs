//! What a page shows of a part's schedules: without scripts, the shortest of
//! the bad ones as a table. `theme/schedule.js` puts the buttons there.

use std::fmt::Write;
use std::path::Path;

use mdbook_driver::errors::{Error, Result};
use serde::Deserialize;

use crate::files::stem;

/// The graph that a lesson writes with `--schedule all`.
#[derive(Deserialize)]
struct Graph {
    schedules: u64,
    good: u64,
    threads: Vec<Thread>,
    goals: Vec<Goal>,
    states: Vec<State>,
}

#[derive(Deserialize)]
struct Thread {
    name: String,
}

#[derive(Deserialize)]
struct Goal {
    end: String,
    shortest: Vec<usize>,
}

#[derive(Deserialize)]
struct State {
    /// The thread, what it does, and the number of the state after that.
    steps: Vec<(usize, String, usize)>,
}

/// The lesson and the part that `book/schedules/LESSON/PART.json` is of.
pub fn part(graph: &Path) -> (&str, &str) {
    let folder = graph.parent().expect("it is in its lesson's folder");
    (stem(folder), stem(graph))
}

/// The part of a page, given the file of the graph and its text.
pub fn html(file: &Path, text: &str) -> Result<String> {
    let graph: Graph = serde_json::from_str(text)?;
    let goal = graph.goals.first();
    let goal = goal.ok_or_else(|| Error::msg("a graph without a goal"))?;
    let (lesson, part) = part(file);
    let Graph { schedules, good, .. } = graph;
    let names = graph.threads.iter().map(|thread| &thread.name);
    let head: String = names
        .map(|name| format!("<th scope=\"col\">{}</th>", escaped(name)))
        .collect();
    let width = graph.threads.len();
    let order: Vec<_> = goal.shortest.iter().map(usize::to_string).collect();
    let order = order.join(",");
    Ok(format!(
        "<div class=\"schedule\" data-part=\"{part}\">\n\
         <p>The steps can be taken in {schedules} different orders, \
         called <em>schedules</em>; {good} of them end well.</p>\n\
         <div class=\"shortest\">\n<p>A shortest one that does not:</p>\n\
         <div class=\"table-wrapper\"><table>\n\
         <thead><tr><th scope=\"col\">Step</th>{head}</tr></thead>\n\
         <tbody>\n{}<tr><td></td><td colspan=\"{width}\">{}</td></tr>\n\
         </tbody></table></div>\n</div>\n\
         <p>Run this schedule for real:</p>\n\
         <pre><code class=\"language-console\">$ cargo run -p {lesson} -- \
         {part} --schedule {order}</code></pre>\n\
         <script type=\"application/json\">\n\
         {{{{#include {part}.json}}}}\n</script>\n</div>\n",
        rows(&graph, goal)?,
        escaped(&goal.end),
    ))
}

/// A row for each step, in the column of its thread.
fn rows(graph: &Graph, goal: &Goal) -> Result<String> {
    let mut rows = String::new();
    let mut state = 0;
    for (n, thread) in (1..).zip(&goal.shortest) {
        let steps = graph.states.get(state).map_or(&[][..], |it| &it.steps);
        let step = steps.iter().find(|(its, ..)| its == thread);
        let (_, text, to) = step.ok_or_else(|| Error::msg("no such step"))?;
        let cells = (1..=graph.threads.len()).map(|column| {
            let (code, did) = text.split_once("  // ").unwrap_or((text, ""));
            let code = escaped(code);
            let did = escaped(did);
            match column == *thread {
                true => format!("<td><code>{code}</code><br>{did}</td>"),
                false => "<td></td>".into(),
            }
        });
        let cells: String = cells.collect();
        writeln!(rows, "<tr><td>{n}</td>{cells}</tr>")?;
        state = *to;
    }
    Ok(rows)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"{"schedules": 2, "good": 1,
        "threads": [{"name": "t1"}, {"name": "t2"}],
        "goals": [{"end": "Lost \u003c1.", "shortest": [2]}],
        "states": [{"steps": [[2, "a(b);  // 5", 0]]}]}"#;

    #[test]
    fn a_step_is_in_the_column_of_its_thread() {
        let file = Path::new("book/schedules/lesson08_lock/race.json");
        let html = html(file, GRAPH).unwrap();
        for text in [
            "<tr><td>1</td><td></td><td><code>a(b);</code><br>5</td></tr>",
            "<td colspan=\"2\">Lost &lt;1.</td>",
            "$ cargo run -p lesson08_lock -- race --schedule 2<",
            "{{#include race.json}}",
        ] {
            assert!(html.contains(text), "{text} in {html}");
        }
    }

    #[test]
    fn a_schedule_that_is_not_in_the_graph_is_refused() {
        let graph = GRAPH.replace("[2]", "[1]");
        let error = html(Path::new("a/b.json"), &graph).unwrap_err();
        assert_eq!(error.to_string(), "no such step");
    }
}
