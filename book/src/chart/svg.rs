//! A chart as an SVG that is as wide as its place: lengths are in percent,
//! letters keep their size.

use shared::timeline::{STYLE, escape};

use super::{Bar, Chart, Group};

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
    let (title, words) = (escape(&chart.title), escape(&words(chart, groups)));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         width=\"100%\" height=\"{height}\" \
         style=\"width:100%;max-width:{WIDTH}px;height:{height}px\">\n\
         <title id=\"{id}-title\">Chart: {title}</title>\n\
         <desc id=\"{id}-desc\">{words}</desc>\n\
         <style>{STYLE}{SPREAD}</style>\n\
         {body}</svg>\n"
    ))
}

/// The chart for those who do not see it.
fn words(chart: &Chart, groups: &[Group]) -> String {
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
    let mut words: Vec<_> = groups.iter().map(of_group).collect();
    if chart.log {
        words.push("Drawn on a logarithmic scale.".into());
    }
    words.join(" ")
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
    let ticks = scale.ticks();
    put(body, &text("tl-title", 0.0, 16, &chart.title)?);
    let mut y = TITLE;
    for group in groups {
        if !group.name.is_empty() {
            put(body, &text("tl-title", 0.0, y + 20, &group.name)?);
            y += GROUP;
        }
        for bar in &group.bars {
            draw_bar(body, bar, y, scale, &ticks)?;
            y += ROW;
        }
    }
    for tick in ticks {
        let label = format!("{}{suffix}", short(tick));
        put(body, &text("tl-soft", scale.place(tick), y + 8, &label)?);
    }
    y += AXIS;
    let has_spread = bars.into_iter().any(|bar| bar.cell.spread.is_some());
    for (is_so, note) in [
        (has_spread, "thin lines: from the lowest to the highest"),
        (chart.log, "a logarithmic scale"),
    ] {
        if is_so {
            put(body, &text("tl-soft", 0.0, y + 10, note)?);
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
        return Err(too_long(&format!("{name} {}", cell.text)));
    }
    put(body, &text("", 0.0, y + 12, name)?);
    put(body, &text("", 100.0, y + 12, &cell.text)?);
    let top = y + LINE;
    for tick in ticks.iter().map(|tick| scale.place(*tick)) {
        let (above, below) = (top - 1, top + BAR + 4);
        put(body, &line("tl-line", tick, tick, above, below));
    }
    let (from, to) = (scale.place(scale.from), scale.place(cell.figure));
    let class = if *pale { "tl-wait" } else { "tl-work" };
    let (x, width) = (from.min(to), (to - from).abs());
    put(
        body,
        &format!(
            "<g class=\"{class}\"><rect x=\"{x:.2}%\" y=\"{top}\" \
             width=\"{width:.2}%\" height=\"{BAR}\" rx=\"2\"/></g>"
        ),
    );
    if let Some((low, high)) = cell.spread {
        let below = top + BAR + 3;
        let (low, high) = (scale.place(low), scale.place(high));
        put(body, &line("tl-spread", low, high, below, below));
    }
    if scale.from > 0.0 {
        put(body, &line("tl-spread", from, from, top - 2, top + BAR + 5));
    }
    Ok(())
}

/// A text that begins, ends or has its middle at a place.
fn text(
    class: &str,
    place: f64,
    y: usize,
    text: &str,
) -> Result<String, String> {
    if text.chars().count() > LETTERS {
        return Err(too_long(text));
    }
    let anchor = match place {
        ..6.0 => "start",
        94.0.. => "end",
        _ => "middle",
    };
    let text = escape(text);
    Ok(format!(
        "<text class=\"{class}\" x=\"{place:.2}%\" y=\"{y}\" \
         text-anchor=\"{anchor}\">{text}</text>"
    ))
}

fn too_long(text: &str) -> String {
    format!("does not fit into {LETTERS} letters: {text}")
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
        let one = chart.from_one.then_some(1.0);
        let figures = figures.chain(one);
        let high = figures.clone().fold(f64::MIN, f64::max);
        let low = figures.fold(f64::MAX, f64::min);
        if low < 0.0 || high == 0.0 || chart.log && low == 0.0 {
            return Err("a bar has no length for 0 or less".into());
        }
        let Chart { log, from_one, .. } = *chart;
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

    /// A few round figures.
    fn ticks(&self) -> Vec<f64> {
        if !self.log {
            let most = |step: &f64| self.high / step <= 4.0;
            let step = round_figures(1).find(most).unwrap_or(self.high);
            let count = (self.high / step) as usize;
            return (0..=count).map(|n| n as f64 * step).collect();
        }
        let inside =
            |tick: &f64| (self.low * 0.999..=self.high * 1.001).contains(tick);
        let decades = (self.high / self.low).log10();
        if decades < 2.0 {
            return round_figures(1).filter(inside).collect();
        }
        let every = (decades / 5.0).ceil() as usize;
        let figures = round_figures(3 * every);
        figures.filter(inside).collect()
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
    let in_words = [(1e9, " billion"), (1e6, " million")];
    let (unit, word) = in_words
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
        let ticks = |log, low, high| {
            let scale = Scale { log, low, high, from: low };
            scale.ticks().into_iter().map(short).collect::<Vec<_>>()
        };
        assert_eq!(ticks(false, 0.0, 9000.0), ["0", "5,000"]);
        assert_eq!(ticks(false, 0.0, 0.8), ["0", "0.2", "0.4", "0.6", "0.8"]);
        let ratios = ["0.5", "1", "2", "5", "10", "20"];
        assert_eq!(ticks(true, 0.5, 23.0), ratios);
        let rates = ["10,000", "1 million", "100 million"];
        assert_eq!(ticks(true, 1e3, 2e9), rates);
        assert_eq!(ticks(true, 0.03, 2e2), ["0.1", "1", "10", "100"]);
    }
}
