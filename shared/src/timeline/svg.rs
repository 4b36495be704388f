//! Pictures as an SVG, with a text for readers who cannot see it.

use super::model::{Interval, Kind, Lane, Picture};

// The measures of the SVG, in its own units (one is a pixel).
const WIDTH: usize = 760;
const MARGIN: usize = 110;
const PLOT: f64 = (WIDTH - MARGIN - 20) as f64;
const ROW: usize = 26;
const LETTER: f64 = 7.2;

/// How the pictures look, and the charts of the book: light colours, and dark
/// ones where the reader prefers them. A page with themes of its own sets the
/// same variables on `.timeline`.
pub const STYLE: &str = "\
.timeline{--tl-ink:#1f2933;--tl-soft:#52606d;--tl-line:#cbd2d9;\
--tl-work:#1d5fa8;--tl-on-work:#fff;--tl-wait:#eef2f6;--tl-edge:#7b8794;\
font:13px system-ui,sans-serif}\
@media(prefers-color-scheme:dark){.timeline{--tl-ink:#e4e7eb;\
--tl-soft:#b0bac5;--tl-line:#3e4c59;--tl-work:#7db4f0;--tl-on-work:#0f1c2b;\
--tl-wait:#27313c;--tl-edge:#9aa5b1}}\
.timeline text{fill:var(--tl-ink)}\
.timeline .tl-title{font-weight:600}\
.timeline .tl-soft{fill:var(--tl-soft)}\
.timeline .tl-line{stroke:var(--tl-line)}\
.timeline .tl-work rect{fill:var(--tl-work)}\
.timeline .tl-work text{fill:var(--tl-on-work)}\
.timeline .tl-wait rect{fill:var(--tl-wait);stroke:var(--tl-edge);\
stroke-dasharray:4 3}";

/// Draws the pictures below each other as one SVG.
///
/// It has no blank line, so that it can stand within a Markdown page, a title
/// and a description for readers who cannot see it, and colours that follow the
/// page (CSS variables `--tl-…`).
pub fn svg(pictures: &[Picture]) -> String {
    let title = match pictures {
        [] => "Timeline".into(),
        [first, ..] => format!("Timeline of {}", first.title),
    };
    let id: String =
        title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let mut body = String::new();
    let mut alt_text = Vec::new();
    let mut y = 0;
    for picture in pictures {
        alt_text.push(picture.alt_text());
        y = draw_picture(&mut body, picture, y);
    }
    let title = escape(&title);
    let alt_text = escape(&alt_text.join(" "));
    let height = y.max(1);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" \
         role=\"img\" aria-labelledby=\"{id}-title\" \
         aria-describedby=\"{id}-desc\" \
         viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\">\n\
         <title id=\"{id}-title\">{title}</title>\n\
         <desc id=\"{id}-desc\">{alt_text}</desc>\n\
         <style>{STYLE}</style>\n\
         {body}</svg>\n"
    )
}

/// Draws one picture from `y` down, and returns where the next one begins.
fn draw_picture(svg: &mut String, picture: &Picture, y: usize) -> usize {
    let (begin, seconds) = picture.extent();
    let x = |time: f64| MARGIN as f64 + (time - begin) / seconds * PLOT;
    let title = escape(&picture.title);
    let mut put = |line: String| {
        svg.push_str(&line);
        svg.push('\n');
    };
    put(format!(
        "<text class=\"tl-title\" x=\"0\" y=\"{}\">{title}</text>",
        y + 16
    ));
    let rows: usize = picture.lanes.iter().map(|lane| lane.rows().len()).sum();
    let top = y + 28;
    let bottom = top + rows * ROW + picture.lanes.len() * 6;
    for tick in ticks(seconds) {
        let at = x(begin + tick);
        put(format!(
            "<line class=\"tl-line\" x1=\"{at:.1}\" y1=\"{top}\" \
             x2=\"{at:.1}\" y2=\"{bottom}\"/>"
        ));
        put(format!(
            "<text class=\"tl-soft\" x=\"{at:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{tick} s</text>",
            bottom + 16
        ));
    }
    let mut row_top = top + 3;
    for lane in &picture.lanes {
        let name = escape(&shortened(&lane.name, MARGIN - 10));
        put(format!("<text x=\"0\" y=\"{}\">{name}</text>", row_top + 16));
        for row in lane.rows() {
            for interval in row {
                put(svg_interval(
                    interval,
                    x(interval.start),
                    x(interval.end),
                    row_top,
                ));
            }
            row_top += ROW;
        }
        row_top += 6;
    }
    bottom + 32
}

fn svg_interval(
    interval: &Interval,
    start: f64,
    end: f64,
    top: usize,
) -> String {
    let width = (end - start).max(1.5);
    let label = shortened(&interval.label, (width - 8.0).max(0.0) as usize);
    // A shorter label would say nothing.
    let label = match label == interval.label || label.chars().count() > 3 {
        false => String::new(),
        true => format!(
            "<text x=\"{:.1}\" y=\"{}\">{}</text>",
            start + 5.0,
            top + 16,
            escape(&label)
        ),
    };
    format!(
        "<g class=\"{}\"><rect x=\"{start:.1}\" y=\"{top}\" \
         width=\"{width:.1}\" height=\"{}\" rx=\"3\"/>{label}</g>",
        class(interval.kind),
        ROW - 3
    )
}

/// `text`, or as much of it as fits, and an ellipsis.
fn shortened(text: &str, width: usize) -> String {
    let room = (width as f64 / LETTER) as usize;
    if text.chars().count() <= room {
        return text.into();
    }
    let head: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

/// At most seven round times from 0 to `seconds`.
fn ticks(seconds: f64) -> Vec<f64> {
    let steps = (-6..=6).flat_map(|power| {
        [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power))
    });
    let step =
        steps.into_iter().find(|step| seconds / step <= 6.0).unwrap_or(seconds);
    let count = (seconds / step) as usize;
    // Rounded, so that three times 0.1 is 0.3.
    (0..=count).map(|i| (i as f64 * step * 1e6).round() / 1e6).collect()
}

/// Escapes a text for an SVG or a page.
///
/// ```
/// assert_eq!(shared::timeline::escape("1 < 2"), "1 &lt; 2");
/// ```
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Lane {
    /// The lane in words: each label once, and from when to when; a label
    /// that is there often has a count.
    fn alt_text(&self, begin: f64) -> String {
        let mut groups: Vec<Vec<&Interval>> = Vec::new();
        for interval in &self.intervals {
            let is_same = |group: &&mut Vec<&Interval>| {
                (&group[0].label, group[0].kind)
                    == (&interval.label, interval.kind)
            };
            match groups.iter_mut().find(is_same) {
                Some(group) => group.push(interval),
                None => groups.push(vec![interval]),
            }
        }
        let alt_text = groups.iter().map(|group| group_alt_text(group, begin));
        format!("{}: {}.", self.name, alt_text.collect::<Vec<_>>().join("; "))
    }
}

/// Intervals with the same label in words, in the order of their beginnings.
fn group_alt_text(intervals: &[&Interval], begin: f64) -> String {
    let time = |start: f64, end: f64| {
        format!("{:.2} to {:.2} s", start - begin, end - begin)
    };
    let first = intervals[0];
    let n = intervals.len();
    let what = format!("{} ({})", first.label, first.kind.word());
    if n > 4 {
        let end = intervals.iter().map(|b| b.end).fold(first.end, f64::max);
        return format!("{what} {n} times, {}", time(first.start, end));
    }
    let times =
        intervals.iter().map(|interval| time(interval.start, interval.end));
    format!("{what}, {}", times.collect::<Vec<_>>().join(" and "))
}

impl Picture {
    /// A description of the picture for readers who cannot see it.
    fn alt_text(&self) -> String {
        let (begin, seconds) = self.extent();
        let lanes = match self.lanes.len() {
            1 => "one lane".into(),
            n => format!("{n} lanes"),
        };
        let summary = format!("{}: {lanes}, {seconds:.2} s.", self.title);
        let lanes = self.lanes.iter().map(|lane| lane.alt_text(begin));
        [summary].into_iter().chain(lanes).collect::<Vec<_>>().join(" ")
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Work => "tl-work",
        Kind::Wait => "tl-wait",
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::example::{interval, lane, picture};
    use super::*;

    #[test]
    fn a_picture_without_lanes_has_a_title() {
        let empty = Picture { title: "lesson x".into(), lanes: vec![] };
        assert!(svg(&[empty]).contains("lesson x"));
        assert!(svg(&[]).contains("Timeline"));
    }

    #[test]
    fn the_svg_is_an_image_with_a_title_and_a_description() {
        let svg = svg(&[picture()]);
        assert!(svg.contains("role=\"img\""));
        assert!(svg.contains(">Timeline of lesson08_lock deadlock</title>"));
        let alt_text = ">lesson08_lock deadlock: 2 lanes, 4.00 s. \
                     Thread-1: holds A (work), 0.00 to 2.00 s; \
                     waits for B (wait), 0.50 to 1.50 s. \
                     Thread-2: nap (wait), 1.00 to 3.00 s; \
                     &lt;&amp;&gt; (work), 3.00 to 4.00 s.</desc>";
        assert!(svg.contains(alt_text), "{svg}");
        assert!(svg.contains("prefers-color-scheme:dark"));
        assert!(!svg.contains("\n\n"), "a blank line ends it in Markdown");
    }

    #[test]
    fn fixed_spans_give_a_fixed_svg() {
        let svg = svg(&[picture()]);
        let holds = "<g class=\"tl-work\"><rect x=\"110.0\" y=\"31\" \
                     width=\"315.0\" height=\"23\" rx=\"3\"/>\
                     <text x=\"115.0\" y=\"47\">holds A</text></g>";
        let waits = "<g class=\"tl-wait\"><rect x=\"188.8\" y=\"57\" \
                     width=\"157.5\" height=\"23\" rx=\"3\"/>\
                     <text x=\"193.8\" y=\"73\">waits for B</text></g>";
        assert!(svg.contains(holds), "{svg}");
        assert!(svg.contains(waits), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 4);
    }

    #[test]
    fn a_label_is_cut_short_or_left_out() {
        let drawn = |width: f64| {
            let works = interval("works", Kind::Work, 0.0, 1.0);
            svg_interval(&works, 0.0, width, 0).contains("<text")
                && !svg_interval(&works, 0.0, width, 0).contains(">wo…<")
        };
        assert_eq!(
            [50.0, 40.0, 30.0, 2.0].map(drawn),
            [true, true, false, false]
        );
    }

    #[test]
    fn the_axis_has_round_times() {
        assert_eq!(ticks(4.0), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(ticks(0.32), [0.0, 0.1, 0.2, 0.3]);
        assert_eq!(ticks(15.2), [0.0, 5.0, 10.0, 15.0]);
        assert!(ticks(1e-6).len() <= 7);
    }

    #[test]
    fn many_of_the_same_are_one_item_of_the_description() {
        let naps = |n: u32| {
            let naps = (0..n).map(f64::from);
            let naps = naps.map(|t| interval("nap", Kind::Wait, t, t + 1.0));
            lane("Thread-1", naps.collect()).alt_text(0.0)
        };
        let alt_text = "Thread-1: nap (wait) 5 times, 0.00 to 5.00 s.";
        assert_eq!(naps(5), alt_text);
        let alt_text =
            "Thread-1: nap (wait), 0.00 to 1.00 s and 1.00 to 2.00 s.";
        assert_eq!(naps(2), alt_text);
    }
}
