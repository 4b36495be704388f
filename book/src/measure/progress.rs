//! How far a run is, and how long it will take.

use std::time::Instant;

use super::samples::Samples;

/// What is done, and what is left, by the seconds that it took last time.
pub struct Progress {
    start: Instant,
    left: Vec<(String, f64)>,
    done: f64,
}

impl Progress {
    /// A run over these lessons, or over rows by the beginnings of their ids.
    /// What is not in the old samples counts for ten seconds.
    pub fn new(lessons: &[String], old: Option<&Samples>) -> Self {
        let seconds = |name: &String| {
            let rows = old.into_iter().flat_map(|old| &old.rows);
            let of_name = rows
                .filter(|row| row.lesson == *name || row.id.starts_with(name));
            of_name.map(|row| row.seconds).sum::<f64>()
        };
        let left = lessons.iter().map(|lesson| match seconds(lesson) {
            0.0 => (lesson.clone(), 10.0),
            known => (lesson.clone(), known),
        });
        Self { start: Instant::now(), left: left.collect(), done: 0.0 }
    }

    /// Prints that this lesson is next, on standard error.
    pub fn begin(&mut self, lesson: &str) {
        eprintln!("measures {lesson}, {}", self.minutes_left());
        self.left.retain(|(name, seconds)| {
            let is_next = name == lesson;
            self.done += if is_next { *seconds } else { 0.0 };
            !is_next
        });
    }

    /// By the speed of the run until now.
    fn minutes_left(&self) -> String {
        let left: f64 = self.left.iter().map(|(_, seconds)| seconds).sum();
        let speed = match self.done {
            0.0 => 1.0,
            done => self.start.elapsed().as_secs_f64() / done,
        };
        let minutes = (left * speed / 60.0).ceil();
        format!("{} to do, about {minutes} min left", self.left.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_no_longer_left() {
        let lessons = ["a".to_string(), "b".to_string()];
        let mut progress = Progress::new(&lessons, None);
        let first = "2 to do, about 1 min left";
        assert_eq!(progress.minutes_left(), first);
        progress.begin("a");
        assert!(progress.minutes_left().starts_with("1 to do"));
    }
}
