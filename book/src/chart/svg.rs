//! A chart as an SVG that is as wide as its place: lengths are in percent,
//! letters keep their size.

use shared::timeline::{STYLE, escape};

use super::{Bar, Chart, Group, Show};

const SPREAD: &str = ".timeline .tl-spread{stroke:var(--tl-soft)}";

/// The width where there is room; on a phone it is less.
const WIDTH: usize = 600;

// Heights, in pixels.
const TITLE: usize = 28;
const GROUP: usize = 28;
const LINE: usize = 17;
const BAR: usize = 10;
const ROW: usize = LINE + BAR + 12;
const AXIS: usize = 24;

/// As many letters fit into a line on a phone.
const LETTERS: usize = 46;

/// As many of the wide ones: those of a title are bold, and a figure at the
/// bottom has little else than digits.
const WIDE_LETTERS: usize = 40;

/// From a figure to its place between 0 and 100.
struct Scale {
    log: bool,
    low: f64,
    high: f64,
    /// Where bars begin.
    from: f64,
}

pub fn svg(
    name: &str,
    chart: &Chart,
    groups: &[Group],
) -> Result<String, String> {
    let scale = Scale::of(chart, groups)?;
    let mut body = String::new();
    let height = draw(&mut body, chart, groups, &scale)?;
    let id = format!("chart-{}", name.replace('_', "-"));
    let title = escape(&chart.title);
    let alt_text = escape(&alt_text(chart, groups));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         width=\"100%\" height=\"{height}\" \
         style=\"width:100%;max-width:{WIDTH}px;height:{height}px\">\n\
         <title id=\"{id}-title\">Chart: {title}</title>\n\
         <desc id=\"{id}-desc\">{alt_text}</desc>\n\
         <style>{STYLE}{SPREAD}</style>\n\
         {body}</svg>\n"
    ))
}

/// The chart as text, for readers who cannot see it.
fn alt_text(chart: &Chart, groups: &[Group]) -> String {
    let of_group = |group: &Group| {
        let bars = group.bars.iter().map(|bar| {
            let Bar { name, cell, .. } = bar;
            format!("{name}: {}", cell.whole.replace('-', " to "))
        });
        let bars = bars.collect::<Vec<_>>().join("; ");
        match group.name.as_str() {
            "" => format!("{bars}."),
            name => format!("{name}. {bars}."),
        }
    };
    let mut sentences: Vec<_> = groups.iter().map(of_group).collect();
    if chart.log {
        sentences.push("Drawn on a logarithmic scale.".into());
    }
    sentences.join(" ")
}

/// Draws everything, and returns the height.
fn draw(
    body: &mut String,
    chart: &Chart,
    groups: &[Group],
    scale: &Scale,
) -> Result<usize, String> {
    let bars = groups.iter().flat_map(|group| &group.bars);
    let suffix = suffix(&bars.clone().collect::<Vec<_>>());
    let ticks = scale.ticks(&suffix);
    put(body, &title(16, &chart.title)?);
    let mut y = TITLE;
    for group in groups {
        if !group.name.is_empty() {
            put(body, &title(y + 20, &group.name)?);
            y += GROUP;
        }
        for bar in &group.bars {
            draw_bar(body, bar, y, scale, &ticks)?;
            y += ROW;
        }
    }
    for tick in ticks {
        let place = scale.place(tick);
        let label = short(tick) + &suffix;
        let (_, anchor) = lies(place, &label);
        put(body, &text("tl-soft", place, anchor, y + 8, &label)?);
    }
    y += AXIS;
    let has_spread = bars.into_iter().any(|bar| bar.cell.spread.is_some());
    for (is_so, note) in [
        (has_spread, "thin lines: from the lowest to the highest"),
        (chart.log, "a logarithmic scale"),
    ] {
        if is_so {
            put(body, &text("tl-soft", 0.0, "start", y + 10, note)?);
            y += LINE;
        }
    }
    Ok(y)
}

/// Draws the bar of one figure, its name and the figure above it.
fn draw_bar(
    body: &mut String,
    bar: &Bar,
    y: usize,
    scale: &Scale,
    ticks: &[f64],
) -> Result<(), String> {
    let Bar { name, cell, pale } = bar;
    if name.chars().count() + 1 + cell.text.chars().count() > LETTERS {
        return Err(too_long(LETTERS, &format!("{name} {}", cell.text)));
    }
    put(body, &text("", 0.0, "start", y + 12, name)?);
    put(body, &text("", 100.0, "end", y + 12, &cell.text)?);
    let top = y + LINE;
    for tick in ticks.iter().map(|tick| scale.place(*tick)) {
        let above = top - 1;
        let below = top + BAR + 4;
        put(body, &line("tl-line", tick, tick, above, below));
    }
    let from = scale.place(scale.from);
    let to = scale.place(cell.figure);
    let class = if *pale { "tl-wait" } else { "tl-work" };
    let x = from.min(to);
    let width = (to - from).abs();
    put(
        body,
        &format!(
            "<g class=\"{class}\"><rect x=\"{x:.2}%\" y=\"{top}\" \
             width=\"{width:.2}%\" height=\"{BAR}\" rx=\"2\"/></g>"
        ),
    );
    if let Some((low, high)) = cell.spread {
        let below = top + BAR + 3;
        let low = scale.place(low);
        let high = scale.place(high);
        put(body, &line("tl-spread", low, high, below, below));
    }
    if scale.from > 0.0 {
        put(body, &line("tl-spread", from, from, top - 2, top + BAR + 5));
    }
    Ok(())
}

/// The title of the chart, or of a group.
fn title(y: usize, title: &str) -> Result<String, String> {
    match title.chars().count() > WIDE_LETTERS {
        true => Err(too_long(WIDE_LETTERS, title)),
        false => text("tl-title", 0.0, "start", y, title),
    }
}

/// A text that begins, ends or has its middle at a place.
fn text(
    class: &str,
    place: f64,
    anchor: &str,
    y: usize,
    text: &str,
) -> Result<String, String> {
    if text.chars().count() > LETTERS {
        return Err(too_long(LETTERS, text));
    }
    let text = escape(text);
    Ok(format!(
        "<text class=\"{class}\" x=\"{place:.2}%\" y=\"{y}\" \
         text-anchor=\"{anchor}\">{text}</text>"
    ))
}

/// Where a label at this place begins and ends on a phone, and which part of it
/// is at the place: its middle, unless the label would be cut off.
fn lies(place: f64, label: &str) -> ((f64, f64), &'static str) {
    let width = label.chars().count() as f64 * 100.0 / WIDE_LETTERS as f64;
    match width / 2.0 {
        half if place - half < 0.0 => ((place, place + width), "start"),
        half if place + half > 100.0 => ((place - width, place), "end"),
        half => ((place - half, place + half), "middle"),
    }
}

fn too_long(most: usize, text: &str) -> String {
    format!("does not fit into {most} letters: {text}")
}

fn line(class: &str, x1: f64, x2: f64, y1: usize, y2: usize) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{x1:.2}%\" y1=\"{y1}\" \
         x2=\"{x2:.2}%\" y2=\"{y2}\"/>"
    )
}

fn put(svg: &mut String, line: &str) {
    svg.push_str(line);
    svg.push('\n');
}

/// What follows every figure, such as ` x`; nothing when they differ.
fn suffix(bars: &[&Bar]) -> String {
    let suffix = |bar: &&Bar| {
        let text = &bar.cell.text;
        text.find(' ').map_or(String::new(), |at| text[at..].into())
    };
    let first = bars.first().map_or(String::new(), suffix);
    match bars.iter().all(|bar| suffix(bar) == first) {
        true => first,
        false => String::new(),
    }
}

impl Scale {
    fn of(chart: &Chart, groups: &[Group]) -> Result<Self, String> {
        let cells = groups.iter().flat_map(|g| &g.bars).map(|bar| &bar.cell);
        let figures = cells.flat_map(|cell| {
            let (low, high) = cell.spread.unwrap_or((cell.figure, cell.figure));
            [low, high, cell.figure]
        });
        let one = (chart.show == Show::Ratio).then_some(1.0);
        let figures = figures.chain(one);
        let high = figures.clone().fold(f64::MIN, f64::max);
        let low = figures.fold(f64::MAX, f64::min);
        if low < 0.0 || high == 0.0 || chart.log && low == 0.0 {
            return Err("a bar has no length for 0 or less".into());
        }
        let log = chart.log;
        let from_one = chart.show == Show::Ratio;
        Ok(match (log, from_one) {
            (true, true) => Self { log, low, high, from: 1.0 },
            (true, false) => {
                // A bit more than the smallest needs, or it had no bar.
                let low = 10_f64.powf((low / 1.5).log10().floor());
                Self { log, low, high, from: low }
            }
            _ => Self { log, low: 0.0, high, from: 0.0 },
        })
    }

    /// Where a figure lies, from 0 to 100.
    fn place(&self, figure: f64) -> f64 {
        let part = |figure: f64| match self.log {
            true => (figure / self.low).log10(),
            false => figure - self.low,
        };
        part(figure) / part(self.high).max(f64::MIN_POSITIVE) * 100.0
    }

    /// A few round figures, so few that they do not touch each other.
    fn ticks(&self, suffix: &str) -> Vec<f64> {
        if !self.log {
            let to_high = |step| {
                let count = (self.high / step) as usize;
                (0..=count).map(|n| n as f64 * step).collect()
            };
            return round_figures(1)
                .filter(|step| self.high / step <= 4.0)
                .map(to_high)
                .find(|ticks: &Vec<f64>| self.are_apart(ticks, suffix))
                .unwrap_or_default();
        }
        let inside =
            |tick: &f64| (self.low * 0.999..=self.high * 1.001).contains(tick);
        let decades = (self.high / self.low).log10();
        let least = if decades < 2.0 { 1 } else { 3 };
        [1, 3, 6, 9, 12, 15, 18, 21, 24]
            .into_iter()
            .filter(|every| *every >= least)
            .map(|every| round_figures(every).filter(inside).collect())
            .find(|ticks: &Vec<f64>| self.are_apart(ticks, suffix))
            .unwrap_or_default()
    }

    /// Whether there is room between the labels, on a phone.
    fn are_apart(&self, ticks: &[f64], suffix: &str) -> bool {
        let lies = |tick: &f64| {
            let label = short(*tick) + suffix;
            lies(self.place(*tick), &label).0
        };
        let places: Vec<_> = ticks.iter().map(lies).collect();
        places.windows(2).all(|two| two[0].1 < two[1].0)
    }
}

/// 1, 2, 5, 10, 20, …, from very small to very large; or every so many of
/// them, and always 1.
fn round_figures(every: usize) -> impl Iterator<Item = f64> {
    let figures = (-12..=12).flat_map(|power| {
        [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power))
    });
    let before_one = 12 * 3;
    figures.skip(before_one % every).step_by(every)
}

/// `0.01`, `2`, `5,000`, `20 million`.
fn short(figure: f64) -> String {
    let units = [(1e9, " billion"), (1e6, " million")];
    let (unit, word) = units
        .into_iter()
        .find(|(unit, _)| figure >= *unit)
        .unwrap_or((1.0, ""));
    let rounded = (figure / unit * 1e6).round() / 1e6;
    let mut text = rounded.to_string();
    if rounded >= 1000.0 && rounded.fract() == 0.0 {
        text.insert(text.len() - 3, ',');
    }
    format!("{text}{word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_a_few_round_figures() {
        let ticks = |log, low, high, suffix| {
            let scale = Scale { log, low, high, from: low };
            scale.ticks(suffix).into_iter().map(short).collect::<Vec<_>>()
        };
        assert_eq!(ticks(false, 0.0, 9000.0, ""), ["0", "5,000"]);
        let tenths = ["0", "0.2", "0.4", "0.6", "0.8"];
        assert_eq!(ticks(false, 0.0, 0.8, ""), tenths);
        let ratios = ["0.5", "1", "2", "5", "10", "20"];
        assert_eq!(ticks(true, 0.5, 23.0, " x"), ratios);
        let rates = ["10,000", "1 million", "100 million"];
        assert_eq!(ticks(true, 1e3, 2e9, ""), rates);
        assert_eq!(ticks(true, 0.03, 2e2, ""), ["0.1", "1", "10", "100"]);
    }

    #[test]
    fn figures_on_an_axis_do_not_touch_each_other() {
        let ticks = |high, suffix| {
            let scale = Scale { log: true, low: 1e4, high, from: 1e4 };
            scale.ticks(suffix).into_iter().map(short).collect::<Vec<_>>()
        };
        let all = ["10,000", "100,000", "1 million", "10 million"];
        assert_eq!(ticks(9.5e7, ""), all);
        let every_other = ["10,000", "1 million", "100 million"];
        assert_eq!(ticks(1.8e8, ""), every_other);
        assert_eq!(ticks(9.5e7, " x"), ["10,000", "1 million"]);
    }

    #[test]
    fn a_label_near_a_side_is_not_cut_off() {
        assert_eq!(lies(50.0, "100 million"), ((36.25, 63.75), "middle"));
        assert_eq!(lies(90.0, "100 million"), ((62.5, 90.0), "end"));
        assert_eq!(lies(90.0, "100"), ((86.25, 93.75), "middle"));
        assert_eq!(lies(1.0, "10"), ((1.0, 6.0), "start"));
    }

    #[test]
    fn what_is_too_long_for_a_phone_is_refused() {
        assert!(title(0, &"m".repeat(40)).is_ok());
        let error = title(0, &"m".repeat(41)).unwrap_err();
        assert!(error.starts_with("does not fit into 40 letters: mm"));
        assert!(text("", 0.0, "start", 0, &"m".repeat(46)).is_ok());
        assert!(text("", 0.0, "start", 0, &"m".repeat(47)).is_err());
    }
}
