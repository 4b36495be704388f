//! Every picture is of a part, drawn from the spans next to it, and readable
//! without eyes and on a phone.

use shared::timeline;

use super::Faults;
use super::recorded::RECORD;
use super::sources::{File, Sources, regex};
use super::transcripts::Run;

const DRAW: &str = "draw it again: cargo run -p book -- draw";

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    let pictures = sources.files("book/pictures", "svg");
    for picture in &pictures {
        let lesson = picture.lesson();
        let part = picture.stem().to_string();
        let program = lesson.to_string();
        let lesson = lesson.to_string();
        let run = Run { lesson, program, part };
        if !run.exists(sources) {
            let wrong = format!("{} has no part {}", run.lesson, run.part);
            faults.push(format!("{}: {wrong}; remove it", picture.path));
        }
        faults.extend(fault_of_spans(sources, picture));
    }
    let drawings = sources.files("book/drawings", "svg");
    for picture in pictures.iter().chain(&drawings) {
        let path = &picture.path;
        for wanted in ["<svg", "role=\"img\"", "<title", "<desc"] {
            if !picture.text.contains(wanted) {
                faults.push(format!("{path}: no {wanted}; {DRAW}"));
            }
        }
        for (n, _) in picture.lines().filter(|(_, it)| it.trim().is_empty()) {
            let remedy = "remove it: it ends the picture in Markdown";
            faults.push(format!("{path}:{n}: a blank line; {remedy}"));
        }
    }
    faults.extend(sources.pages.iter().flat_map(faults_of_figures));
    faults
}

fn fault_of_spans(sources: &Sources, picture: &File) -> Option<String> {
    let spans = picture.path.replace(".svg", ".tsv");
    let title = format!("{} {}", picture.lesson(), picture.stem());
    let again = format!("record it: {RECORD} --picture {title}");
    match timeline::from_tsv(&sources.text(&spans)) {
        Err(wrong) => Some(format!("{spans}: {wrong}; {again}")),
        Ok(drawn) if drawn.len() != 1 || drawn[0].title != title => {
            Some(format!("{spans}: not the spans of {title}; {again}"))
        }
        Ok(drawn) if timeline::svg(&drawn) != picture.text => {
            Some(format!("{}: differs from its spans; {DRAW}", picture.path))
        }
        Ok(_) => None,
    }
}

/// A picture is wider than a phone: the figure around it scrolls.
fn faults_of_figures(page: &File) -> Faults {
    let figure = regex(
        r#"(?m)^<figure class="picture" tabindex="0" aria-label="[^"]+">
.*#include ../pictures/.*
<figcaption>"#,
    );
    let framed: Vec<_> = figure.find_iter(&page.text).collect();
    let pictures = page.text.match_indices("#include ../pictures/");
    let bare = pictures.filter(|(at, _)| {
        !framed.iter().any(|figure| figure.range().contains(at))
    });
    bare.map(|(at, _)| {
        let line = page.text[..at].lines().count();
        let remedy = "put a figure with a tabindex, an aria-label and a \
                      figcaption around it";
        format!("{}:{line}: not in a figure; {remedy}", page.path)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_picture_that_is_not_sound_is_reported() {
        let record = "record --picture lesson00_fork fork";
        let differs = "fork.svg: differs from its spans; draw it again";
        let bare = "fork.md:9: not in a figure";
        let breaks = [
            (PICTURE, "<desc", "<p", "fork.svg: no <desc"),
            (PICTURE, "role=\"img\"", "", "fork.svg: no role=\"img\""),
            (PICTURE, "<title", "\n\n<title", "fork.svg:2: a blank line"),
            (MAIN, "\"fork\"", "\"spoon\"", "lesson00_fork has no part fork"),
            (PICTURE, "width=\"630.0\"", "width=\"603.0\"", differs),
            (SPANS, "2.000000", "1.500000", differs),
            (SPANS, "forks", "joins", differs),
            (SPANS, "lesson00_fork fork", "lesson00_fork x", record),
            (SPANS, "\twork", "\tplay", "fork.tsv: line 2: no span"),
            (PAGE, " tabindex=\"0\"", "", bare),
            (PAGE, "Picture: a fork", "", bare),
            (PAGE, "<figcaption>", "<p>", bare),
        ];
        assert_reported(super::faults, &breaks);
    }
}
