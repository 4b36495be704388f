//! The timeline of a part as plain values: lanes of intervals.

/// What each thread and process did, and when, in one part of a lesson.
///
/// ```
/// use shared::timeline::{Interval, Kind, Lane, Picture, svg};
///
/// let label = "waits".to_string();
/// let kind = Kind::Wait;
/// let intervals = vec![Interval { label, kind, start: 0.0, end: 2.0 }];
/// let lanes = vec![Lane { name: "Thread-1".into(), intervals }];
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
    /// The name of the thread or process.
    pub name: String,
    /// What it did. They may lie within each other: it waits for one lock
    /// while it holds another.
    pub intervals: Vec<Interval>,
}

/// One piece of work, or one wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// What it is.
    pub label: String,
    /// Work or wait.
    pub kind: Kind,
    /// When it began, in seconds.
    pub start: f64,
    /// When it ended, in seconds.
    pub end: f64,
}

/// Whether a thread worked or waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Had something to do, and did it.
    Work,
    /// Slept, or waited for another thread or process.
    Wait,
}

impl Kind {
    /// Its name in a recorded table of spans.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Wait => "wait",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Work, Self::Wait].into_iter().find(|kind| kind.word() == word)
    }
}

impl Lane {
    /// The intervals in rows, so that none covers another: an interval within
    /// another one goes to a row below it.
    pub(super) fn rows(&self) -> Vec<Vec<&Interval>> {
        let mut intervals: Vec<_> = self.intervals.iter().collect();
        intervals.sort_by(|a, b| {
            a.start.total_cmp(&b.start).then(b.end.total_cmp(&a.end))
        });
        let mut rows: Vec<Vec<&Interval>> = Vec::new();
        for interval in intervals {
            let free = rows.iter_mut().find(|row| {
                row.last().is_none_or(|last| last.end <= interval.start)
            });
            match free {
                Some(row) => row.push(interval),
                None => rows.push(vec![interval]),
            }
        }
        rows
    }
}

impl Picture {
    fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.lanes.iter().flat_map(|lane| &lane.intervals)
    }

    /// When the first interval begins, and the seconds to the end of the last.
    pub(super) fn extent(&self) -> (f64, f64) {
        let begin = self.intervals().map(|it| it.start).reduce(f64::min);
        let end = self.intervals().map(|it| it.end).reduce(f64::max);
        let begin = begin.unwrap_or(0.0);
        let end = end.unwrap_or(0.0);
        (begin, (end - begin).max(1e-6))
    }
}

#[cfg(test)]
pub(super) mod example {
    use super::*;

    pub(in crate::timeline) fn interval(
        label: &str,
        kind: Kind,
        start: f64,
        end: f64,
    ) -> Interval {
        Interval { label: label.into(), kind, start, end }
    }

    pub(in crate::timeline) fn lane(
        name: &str,
        intervals: Vec<Interval>,
    ) -> Lane {
        Lane { name: name.into(), intervals }
    }

    /// One thread holds A while it waits for B; another comes and goes.
    pub(in crate::timeline) fn picture() -> Picture {
        let first = vec![
            interval("holds A", Kind::Work, 10.0, 12.0),
            interval("waits for B", Kind::Wait, 10.5, 11.5),
        ];
        let second = vec![
            interval("nap", Kind::Wait, 11.0, 13.0),
            interval("<&>", Kind::Work, 13.0, 14.0),
        ];
        let lanes = vec![lane("Thread-1", first), lane("Thread-2", second)];
        Picture { title: "lesson08_lock deadlock".into(), lanes }
    }
}
