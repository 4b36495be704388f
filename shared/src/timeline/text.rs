//! A picture as text, for the terminal.

use std::fmt::Write;

use super::model::{Interval, Kind, Picture};

/// The width of the terminal in characters; 80 without a terminal.
///
/// ```
/// assert!(shared::timeline::terminal_width() > 0);
/// ```
pub fn terminal_width() -> usize {
    crate::system::terminal_columns().unwrap_or(80)
}

impl Picture {
    /// Draws the picture in lines of at most `width` characters, no colour:
    /// `#` is work, `.` is waiting.
    ///
    /// A picture without lanes says so. A `width` below 40 counts as 40.
    pub fn text(&self, width: usize) -> String {
        if self.lanes.is_empty() {
            return format!("{}: no thread worked or waited\n", self.title);
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
                let mut cells = vec![' '; columns];
                for interval in row {
                    let start = column(interval.start).min(columns - 1);
                    let end = column(interval.end).clamp(start + 1, columns);
                    draw_interval(&mut cells[start..end], interval);
                }
                let cells: String = cells.into_iter().collect();
                let line = format!("{name:<margin$}{cells}");
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

fn fill_char(kind: Kind) -> char {
    match kind {
        Kind::Work => '#',
        Kind::Wait => '.',
    }
}

/// Fills the columns of one interval, with its label where there is room.
fn draw_interval(columns: &mut [char], interval: &Interval) {
    columns.fill(fill_char(interval.kind));
    if let [first, inner @ .., last] = columns
        && !inner.is_empty()
    {
        (*first, *last) = ('[', ']');
        let label = format!(" {} ", interval.label);
        if label.chars().count() <= inner.len() {
            for (column, letter) in inner.iter_mut().zip(label.chars()) {
                *column = letter;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::example::picture;
    use super::*;

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
        assert_eq!(empty.text(80), "lesson x: no thread worked or waited\n");
    }
}
