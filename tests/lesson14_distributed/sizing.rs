//! The page "How large a farm": its table is what the measured figures give.

use std::collections::HashMap;
use std::fs;

use harness::root;

/// The first figure of each row, by heading and name.
type Figures = HashMap<(String, String), Vec<f64>>;

const HOUR: f64 = 3600.0;

/// Of a task and its result.
const BYTES: f64 = 1000.0;

fn figures() -> Figures {
    let path = "book/transcripts/lesson14_distributed/nats_bench.txt";
    let text = fs::read_to_string(root().join(path)).expect("a transcript");
    let mut all = Figures::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_suffix(':') {
            heading = title.into();
        }
        let mut cells = line.split("  ").filter(|cell| !cell.is_empty());
        let name = cells.next().unwrap_or_default().to_string();
        let number = |cell: &str| {
            let digits = cell.trim().split(' ').next().unwrap_or_default();
            digits.replace(',', "").parse().ok()
        };
        let numbers: Vec<f64> = cells.filter_map(number).collect();
        if !numbers.is_empty() {
            all.insert((heading.clone(), name), numbers);
        }
    }
    all
}

/// Cluster, tasks a second, and bytes an hour on all servers together.
fn farm(all: &Figures, workers: f64, place: &str, batch: &str) -> [f64; 3] {
    let of = |heading: &str, name: &str| {
        let found = all.get(&(heading.to_string(), name.to_string()));
        found.unwrap_or_else(|| panic!("{heading}: {name}"))
    };
    let row = format!("{place}, {batch}");
    let turn = 1.0 / of("Tasks a second with one worker", &row)[0];
    let wanted = workers / (1.0 + turn);
    let put = of("Tasks put a second, by one master", place)[0];
    let four = of("Tasks a second with four workers", &row)[0];
    let jobs = (wanted * (1.0 / put + 1.0 / four)).ceil();
    if place == "in the master" {
        return [jobs, wanted, 0.0];
    }
    let stored = of("Bytes a task, on the disk of each node", place);
    let stored = stored[0].max(stored[1]) + BYTES;
    let nodes = if place == "three replicas" { 3.0 } else { 1.0 };
    [jobs * nodes, wanted, wanted * HOUR * stored * nodes]
}

/// With two digits that count.
fn about(number: f64) -> String {
    let unit = 10_f64.powi(number.log10().floor() as i32 - 1);
    let two = (number / unit).round() * unit;
    let decimals = (-unit.log10().round()).max(0.0) as usize;
    let text = format!("{two:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => grouped(two),
    }
}

/// `10,000`
fn grouped(number: f64) -> String {
    let text = format!("{number:.0}");
    let (head, tail) = text.split_at(text.len().saturating_sub(3));
    if head.is_empty() { text } else { format!("{head},{tail}") }
}

#[test]
fn the_table_of_sizes_is_what_the_figures_give() {
    let all = figures();
    let rows = [10.0, 100.0, 1_000.0, 10_000.0].map(|workers| {
        let at = |place, batch| farm(&all, workers, place, batch);
        let [here, one, three] = ["in the master", "one node", THREE]
            .map(|place| at(place, "one at a time")[0]);
        let [servers, wanted, bytes] = at(THREE, "batches of 100");
        format!(
            "| {} | {} | {here} | {one} | {three} | {servers} | {} |",
            grouped(workers),
            about(wanted),
            about(bytes / 1e9),
        )
    });
    let page = fs::read_to_string(root().join("book/en/sizing.md"));
    let page = page.expect("a page");
    let rule = "|---|---|---|---|---|---|---|";
    let table = page.lines().skip_while(|line| *line != rule).skip(1);
    let table: Vec<_> = table.take(rows.len()).collect();
    assert_eq!(table, rows, "the page's, and the right ones");
}

const THREE: &str = "three replicas";
