//! Every table of schedules is drawn from the graph next to it.

use std::path::Path;

use super::Faults;
use super::sources::{File, Sources};
use crate::schedule;

pub fn faults(sources: &Sources) -> Faults {
    let tables = sources.files("book/schedules", "html");
    tables.iter().filter_map(|table| fault(sources, table)).collect()
}

fn fault(sources: &Sources, table: &File) -> Option<String> {
    let path = &table.path;
    let graph = path.replace(".html", ".json");
    match schedule::html(Path::new(&graph), &sources.text(&graph)) {
        Ok(html) if html == table.text => None,
        Ok(_) => {
            let remedy = "draw it again: cargo run -p book -- draw";
            Some(format!("{path}: differs from its graph; {remedy}"))
        }
        Err(error) => {
            let remedy = "record it: cargo run -p book -- record";
            Some(format!("{graph}: {error}; {remedy} {graph}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_table_that_is_not_of_its_graph_is_reported() {
        let differs = "fork.html: differs from its graph; draw it again";
        let no_graph = "fork.json: missing field `goals`";
        let breaks = [
            (SCHEDULES, "in 70 different", "in 7 different", differs),
            (GRAPH, "70", "71", differs),
            (GRAPH, "goals", "tasks", no_graph),
        ];
        assert_reported(super::faults, &breaks);
    }
}
