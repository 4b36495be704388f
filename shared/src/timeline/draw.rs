//! A timeline as a picture: bars in lanes, in the terminal or as an SVG.

use std::fmt::Write;

use super::Kind;

/// Who did what, and when, in one part of a lesson.
///
/// ```
/// use shared::timeline::{Bar, Kind, Lane, Picture, svg};
///
/// let (label, kind) = ("waits".to_string(), Kind::Wait);
/// let bars = vec![Bar { label, kind, start: 0.0, end: 2.0 }];
/// let lanes = vec![Lane { name: "Thread-1".into(), bars }];
/// let picture = Picture { title: "example".into(), lanes };
/// assert!(picture.text(40).contains("Thread-1  [ waits ......"));
/// assert!(svg(&[picture]).starts_with("<svg "));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// What the picture shows.
    pub title: String,
    /// From top to bottom.
    pub lanes: Vec<Lane>,
}

/// One thread, or one process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    /// Who it is.
    pub name: String,
    /// What it did. They may lie within each other: it waits for one lock
    /// while it holds another.
    pub bars: Vec<Bar>,
}

/// One piece of work, or one wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// Work or wait.
    pub kind: Kind,
    /// When it began, in seconds.
    pub start: f64,
    /// When it ended, in seconds.
    pub end: f64,
}

/// The width of the terminal in characters; 80 where there is none.
///
/// ```
/// assert!(shared::timeline::terminal_width() > 0);
/// ```
pub fn terminal_width() -> usize {
    crate::system::terminal_columns().unwrap_or(80)
}

impl Bar {
    fn ink(&self) -> char {
        match self.kind {
            Kind::Work => '#',
            Kind::Wait => '.',
        }
    }

    fn class(&self) -> &'static str {
        match self.kind {
            Kind::Work => "tl-work",
            Kind::Wait => "tl-wait",
        }
    }
}

impl Lane {
    /// The bars in rows, so that none covers another: what lies within a bar
    /// goes to a row below it.
    fn rows(&self) -> Vec<Vec<&Bar>> {
        let mut bars: Vec<_> = self.bars.iter().collect();
        bars.sort_by(|a, b| {
            a.start.total_cmp(&b.start).then(b.end.total_cmp(&a.end))
        });
        let mut rows: Vec<Vec<&Bar>> = Vec::new();
        for bar in bars {
            let free = rows.iter_mut().find(|row| {
                row.last().is_none_or(|last| last.end <= bar.start)
            });
            match free {
                Some(row) => row.push(bar),
                None => rows.push(vec![bar]),
            }
        }
        rows
    }

    /// The lane in words: each label once, and from when to when; where it is
    /// there often, how often.
    fn words(&self, begin: f64) -> String {
        let mut groups: Vec<Vec<&Bar>> = Vec::new();
        for bar in &self.bars {
            let is_same = |group: &&mut Vec<&Bar>| {
                (&group[0].label, group[0].kind) == (&bar.label, bar.kind)
            };
            match groups.iter_mut().find(is_same) {
                Some(group) => group.push(bar),
                None => groups.push(vec![bar]),
            }
        }
        let words = groups.iter().map(|group| words_of(group, begin));
        format!("{}: {}.", self.name, words.collect::<Vec<_>>().join("; "))
    }
}

/// Bars with the same label in words, in the order of their beginnings.
fn words_of(bars: &[&Bar], begin: f64) -> String {
    let time = |start: f64, end: f64| {
        format!("{:.2} to {:.2} s", start - begin, end - begin)
    };
    let (first, n) = (bars[0], bars.len());
    let what = format!("{} ({})", first.label, first.kind.word());
    if n > 4 {
        let end = bars.iter().map(|b| b.end).fold(first.end, f64::max);
        return format!("{what} {n} times, {}", time(first.start, end));
    }
    let times = bars.iter().map(|bar| time(bar.start, bar.end));
    format!("{what}, {}", times.collect::<Vec<_>>().join(" and "))
}

impl Picture {
    fn bars(&self) -> impl Iterator<Item = &Bar> {
        self.lanes.iter().flat_map(|lane| &lane.bars)
    }

    /// When the first bar begins, and how long it is to the end of the last.
    fn extent(&self) -> (f64, f64) {
        let begin = self.bars().map(|b| b.start).reduce(f64::min);
        let end = self.bars().map(|b| b.end).reduce(f64::max);
        let (begin, end) = (begin.unwrap_or(0.0), end.unwrap_or(0.0));
        (begin, (end - begin).max(1e-6))
    }

    /// What the picture shows, for those who do not see it.
    fn words(&self) -> String {
        let (begin, seconds) = self.extent();
        let lanes = match self.lanes.len() {
            1 => "one lane".into(),
            n => format!("{n} lanes"),
        };
        let summary = format!("{}: {lanes}, {seconds:.2} s.", self.title);
        let lanes = self.lanes.iter().map(|lane| lane.words(begin));
        [summary].into_iter().chain(lanes).collect::<Vec<_>>().join(" ")
    }

    /// Draws the picture in lines of at most `width` characters, no colour:
    /// `#` is work, `.` is waiting.
    ///
    /// A picture without lanes says so. A `width` below 40 counts as 40.
    pub fn text(&self, width: usize) -> String {
        if self.lanes.is_empty() {
            return format!("{}: nobody worked or waited\n", self.title);
        }
        let (begin, seconds) = self.extent();
        let names = self.lanes.iter().map(|lane| lane.name.chars().count());
        let margin = names.max().unwrap_or(0).min(width / 3) + 2;
        let columns = width.max(40) - margin;
        let column = |time: f64| {
            ((time - begin) / seconds * columns as f64).round() as usize
        };
        let title = format!("{}  (# works, . waits)", self.title);
        let mut text: String = title.chars().take(width.max(40)).collect();
        text.push('\n');
        for lane in &self.lanes {
            let mut name: String = lane.name.chars().take(margin - 2).collect();
            for row in lane.rows() {
                let mut ink = vec![' '; columns];
                for bar in row {
                    let start = column(bar.start).min(columns - 1);
                    let end = column(bar.end).clamp(start + 1, columns);
                    draw_bar(&mut ink[start..end], bar);
                }
                let ink: String = ink.into_iter().collect();
                let line = format!("{name:<margin$}{ink}");
                text.push_str(line.trim_end());
                text.push('\n');
                name.clear();
            }
        }
        let end = format!("{seconds:.2} s");
        let gap = columns - "0 s".len();
        writeln!(text, "{:margin$}0 s{end:>gap$}", "")
            .expect("a String takes every line");
        text
    }
}

/// Fills the columns of one bar, with its label where there is room.
fn draw_bar(columns: &mut [char], bar: &Bar) {
    columns.fill(bar.ink());
    if let [first, inner @ .., last] = columns
        && !inner.is_empty()
    {
        (*first, *last) = ('[', ']');
        let label = format!(" {} ", bar.label);
        if label.chars().count() <= inner.len() {
            for (column, letter) in inner.iter_mut().zip(label.chars()) {
                *column = letter;
            }
        }
    }
}

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
/// and a description for those who do not see it, and colours that follow the
/// page (CSS variables `--tl-…`).
pub fn svg(pictures: &[Picture]) -> String {
    let title = match pictures {
        [] => "Timeline".into(),
        [first, ..] => format!("Timeline of {}", first.title),
    };
    let id: String =
        title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let mut body = String::new();
    let mut words = Vec::new();
    let mut y = 0;
    for picture in pictures {
        words.push(picture.words());
        y = draw_picture(&mut body, picture, y);
    }
    let (title, words) = (escape(&title), escape(&words.join(" ")));
    let height = y.max(1);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" \
         role=\"img\" aria-labelledby=\"{id}-title\" \
         aria-describedby=\"{id}-desc\" \
         viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\">\n\
         <title id=\"{id}-title\">{title}</title>\n\
         <desc id=\"{id}-desc\">{words}</desc>\n\
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
            for bar in row {
                put(svg_bar(bar, x(bar.start), x(bar.end), row_top));
            }
            row_top += ROW;
        }
        row_top += 6;
    }
    bottom + 32
}

fn svg_bar(bar: &Bar, start: f64, end: f64, top: usize) -> String {
    let width = (end - start).max(1.5);
    let label = shortened(&bar.label, (width - 8.0).max(0.0) as usize);
    // What is left of it must say something.
    let label = match label == bar.label || label.chars().count() > 3 {
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
        bar.class(),
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

/// A text as it stands in an SVG or on a page.
///
/// ```
/// assert_eq!(shared::timeline::escape("1 < 2"), "1 &lt; 2");
/// ```
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, kind: Kind, start: f64, end: f64) -> Bar {
        Bar { label: label.into(), kind, start, end }
    }

    fn lane(name: &str, bars: Vec<Bar>) -> Lane {
        Lane { name: name.into(), bars }
    }

    /// One thread holds A while it waits for B; another comes and goes.
    fn picture() -> Picture {
        let first = vec![
            bar("holds A", Kind::Work, 10.0, 12.0),
            bar("waits for B", Kind::Wait, 10.5, 11.5),
        ];
        let second = vec![
            bar("nap", Kind::Wait, 11.0, 13.0),
            bar("<&>", Kind::Work, 13.0, 14.0),
        ];
        let lanes = vec![lane("Thread-1", first), lane("Thread-2", second)];
        Picture { title: "lesson08_lock deadlock".into(), lanes }
    }

    #[test]
    fn fixed_spans_give_a_fixed_drawing() {
        let drawn = "\
lesson08_lock deadlock  (# works, . waits)
Thread-1  [ holds A #############]
                [..........]
Thread-2              [ nap .................][ <&> #####]
          0 s                                       4.00 s
";
        assert_eq!(picture().text(58), drawn);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [40, 58, 80, 200] {
            let text = picture().text(width);
            let widest = text.lines().map(|l| l.chars().count()).max();
            assert!(widest.unwrap() <= width, "{text}");
        }
    }

    #[test]
    fn a_picture_without_lanes_says_so() {
        let empty = Picture { title: "lesson x".into(), lanes: vec![] };
        assert_eq!(empty.text(80), "lesson x: nobody worked or waited\n");
        assert!(svg(&[empty]).contains("lesson x"));
        assert!(svg(&[]).contains("Timeline"));
    }

    #[test]
    fn the_svg_is_an_image_with_a_title_and_a_description() {
        let svg = svg(&[picture()]);
        assert!(svg.contains("role=\"img\""));
        assert!(svg.contains(">Timeline of lesson08_lock deadlock</title>"));
        let words = ">lesson08_lock deadlock: 2 lanes, 4.00 s. \
                     Thread-1: holds A (work), 0.00 to 2.00 s; \
                     waits for B (wait), 0.50 to 1.50 s. \
                     Thread-2: nap (wait), 1.00 to 3.00 s; \
                     &lt;&amp;&gt; (work), 3.00 to 4.00 s.</desc>";
        assert!(svg.contains(words), "{svg}");
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
            let works = bar("works", Kind::Work, 0.0, 1.0);
            svg_bar(&works, 0.0, width, 0).contains("<text")
                && !svg_bar(&works, 0.0, width, 0).contains(">wo…<")
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
            let naps = naps.map(|t| bar("nap", Kind::Wait, t, t + 1.0));
            lane("Thread-1", naps.collect()).words(0.0)
        };
        let words = "Thread-1: nap (wait) 5 times, 0.00 to 5.00 s.";
        assert_eq!(naps(5), words);
        let words = "Thread-1: nap (wait), 0.00 to 1.00 s and 1.00 to 2.00 s.";
        assert_eq!(naps(2), words);
    }
}
