//! Every chart is drawn from the table that it names.

use super::Faults;
use super::sources::Sources;
use crate::chart;

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    for file in sources.files("book/charts", "txt") {
        let path = file.path.replace(".txt", ".svg");
        let book = sources.root.join("book");
        match chart::draw(&book, file.stem(), &file.text) {
            Err(error) => faults.push(format!("book/{error}; correct it")),
            Ok(right) if right == sources.text(&path) => {}
            Ok(_) => {
                let remedy = "draw it again: cargo run -p book -- chart";
                faults.push(format!("{path}: differs; {remedy}"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_chart_of_something_else_is_reported() {
        let differs = "charts/starts.svg: differs; draw it again: cargo run";
        let breaks = [
            (STARTS, "0.2", "0.3", differs),
            (CHART, "title: Starts", "title: Ends", differs),
            (
                CHART,
                "starts.jsonl",
                "gone.jsonl",
                "book/charts/starts.txt: meas",
            ),
            ("book/charts/starts.svg", GONE, "", differs),
        ];
        assert_reported(super::faults, &breaks);
    }
}
