//! Compares a lesson with CPython, for `cargo bench`: medians with their
//! spread, all of a row measured in turn.
//!
//! A lesson's benchmark is `tests/benches/LESSON.rs`, and CPython's side of it
//! `tests/benches/LESSON.py`: `LESSON.py FUNCTION TIMES` prints one number.
//! With `$BENCH_SAMPLES` set, every row is appended to that file with all its
//! samples, as a line of JSON ([`Measured`]); the page "How fast?" is rendered from
//! these.

use std::env;
use std::fs::File;
use std::io::Write;
use std::process::{self, Command};
use std::time::Instant;

use crate::root;

mod measured;
mod table;

pub use crate::python::python_command;
pub use measured::{Measured, MeasuredSide, Series, Side, text};
pub use table::{Table, figure};

/// Does something a number of times, and returns the time of each or a rate.
type Measure<'a> = Box<dyn FnMut(usize) -> f64 + 'a>;

struct Contender<'a> {
    side: Side,
    name: String,
    times: Option<usize>,
    measure: Measure<'a>,
}

impl Contender<'_> {
    /// How often it is done in a sample.
    fn times(&mut self, row: &str, unit: &str) -> usize {
        match self.times {
            Some(times) => self::times(times),
            None if is_quick() => FEW,
            None => self.calibrate(row, unit),
        }
    }

    /// As often as about [`SAMPLE`] allows: more and more, until it takes that
    /// long. A few times may take no time at all, by a coarse clock.
    fn calibrate(&mut self, row: &str, unit: &str) -> usize {
        let mut times = FEW;
        loop {
            let figure = (self.measure)(times);
            let wanted = match unit {
                A_SECOND => figure * SAMPLE,
                "microseconds" => SAMPLE * 1e6 / figure,
                _ => panic!("{}: how many times is not clear", self.name),
            };
            if wanted <= times as f64 * 2.0 {
                let times = (wanted as usize).max(FEW);
                println!("{row}: {}, {times} times a sample", self.name);
                return times;
            }
            assert!(times < MOST, "{row}: {} takes no time", self.name);
            times = (wanted as usize).min(100 * times);
        }
    }
}

/// One row of a comparison: a piece of work, and how fast each side does it.
///
/// ```
/// use harness::bench::{A_SECOND, Row, rate};
///
/// let sum = |times| rate(times, || drop((0..times).sum::<usize>()));
/// let row = Row::new("sum", "add numbers", A_SECOND).ours("std", sum);
/// ```
pub struct Row<'a> {
    id: String,
    what: String,
    unit: String,
    why: &'static str,
    rounds: usize,
    times: Option<usize>,
    contenders: Vec<Contender<'a>>,
}

/// How often everything is done at least.
const FEW: usize = 10;

/// What is done so often takes longer than a sample, if it does anything.
const MOST: usize = 1_000_000_000;

/// How many seconds a sample takes, about.
const SAMPLE: f64 = 0.25;

/// The unit of a rate.
pub const A_SECOND: &str = "a second";

impl<'a> Row<'a> {
    /// A row, without anything to measure yet. In a unit that ends with
    /// `seconds` or begins with `KiB` less is better, in every other one more.
    ///
    /// A sample of each side takes about a quarter of a second, if the unit
    /// tells how often something is done in that time; a short sample shows
    /// the disturbances of the machine.
    pub fn new(
        id: impl Into<String>,
        what: impl Into<String>,
        unit: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            what: what.into(),
            unit: unit.into(),
            why: "",
            rounds: 7,
            times: None,
            contenders: Vec::new(),
        }
    }

    /// Why the lesson is not ahead of every other side, in one sentence.
    pub fn why(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    /// Measures this many rounds instead of 7.
    pub fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// The sides that follow do it so many times, however long that takes.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// CPython's side: `name` for the reader, the function in the script.
    pub fn python(self, name: &'static str, function: &'static str) -> Self {
        let measure = move |times: usize| python(function, times);
        self.side(Side::CPython, name, measure)
    }

    /// The lesson's side.
    pub fn ours(
        self,
        name: impl Into<String>,
        measure: impl FnMut(usize) -> f64 + 'a,
    ) -> Self {
        self.side(Side::Ours, name, measure)
    }

    /// Another way.
    pub fn other(
        self,
        name: impl Into<String>,
        measure: impl FnMut(usize) -> f64 + 'a,
    ) -> Self {
        self.side(Side::Other, name, measure)
    }

    /// The limit.
    pub fn limit(
        self,
        name: impl Into<String>,
        measure: impl FnMut(usize) -> f64 + 'a,
    ) -> Self {
        self.side(Side::Limit, name, measure)
    }

    /// A side that is measured in its own way.
    pub fn side(
        mut self,
        side: Side,
        name: impl Into<String>,
        measure: impl FnMut(usize) -> f64 + 'a,
    ) -> Self {
        let name = name.into();
        let times = self.times;
        let measure = Box::new(measure);
        self.contenders.push(Contender { side, name, times, measure });
        self
    }

    /// All contenders in turn, round after round: a disturbance of the machine
    /// then disturbs all of them.
    fn measure(&mut self) -> Measured {
        let start = Instant::now();
        let times =
            self.contenders.iter_mut().map(|it| it.times(&self.id, &self.unit));
        let times: Vec<_> = times.collect();
        let mut samples = vec![Vec::new(); self.contenders.len()];
        let rounds = if is_quick() { 1 } else { self.rounds };
        for _ in 0..rounds {
            let sides = self.contenders.iter_mut().zip(&times);
            for ((it, times), samples) in sides.zip(&mut samples) {
                samples.push((it.measure)(*times));
            }
        }
        let contenders = self.contenders.iter().zip(samples);
        let sides = contenders.map(|(it, samples)| MeasuredSide {
            side: it.side,
            name: it.name.clone(),
            series: Series::new(samples),
        });
        Measured {
            lesson: lesson(),
            id: self.id.clone(),
            what: self.what.clone(),
            unit: self.unit.clone(),
            why: self.why.into(),
            sides: sides.collect(),
            seconds: start.elapsed().as_secs_f64(),
        }
    }
}

/// Measures the rows whose ids begin with an argument of the command line, or
/// all of them, and prints their table. The `main` of a benchmark.
pub fn compare(rows: Vec<Row<'_>>) {
    let is_option = |arg: &String| arg.starts_with("--"); // `--bench`, cargo's.
    let asked: Vec<_> =
        env::args().skip(1).filter(|arg| !is_option(arg)).collect();
    if let Err(error) = check_ids(&rows, &asked) {
        eprintln!("{}: {error}", lesson());
        process::exit(2);
    }
    println!("{}", here());
    let is_asked = |row: &Row<'_>| {
        asked.is_empty() || asked.iter().any(|id| row.id.starts_with(id))
    };
    let rows = rows.into_iter().filter(is_asked).map(|mut row| {
        let row = row.measure();
        append(&row.json());
        row
    });
    print!("\n{}", text(&rows.collect::<Vec<_>>()));
}

fn check_ids(rows: &[Row<'_>], asked: &[String]) -> Result<(), String> {
    let ids: Vec<_> = rows.iter().map(|row| &*row.id).collect();
    let is_unknown =
        |name: &&String| !ids.iter().any(|id| id.starts_with(name.as_str()));
    asked.iter().find(is_unknown).map_or(Ok(()), |name| {
        Err(format!("no row {name:?}; the rows are: {}", ids.join(", ")))
    })
}

/// Appends a line to `$BENCH_SAMPLES`, if it is set.
fn append(line: &str) {
    if let Some(file) = env::var_os("BENCH_SAMPLES") {
        let file = File::options().append(true).create(true).open(file);
        let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
        written.expect("the file for the samples can be written");
    }
}

/// How many times something is done a second.
pub fn rate(times: usize, work: impl FnOnce()) -> f64 {
    times as f64 / seconds(work)
}

/// How many microseconds each of `times` calls takes.
pub fn micros(times: usize, mut work: impl FnMut()) -> f64 {
    seconds(|| (0..times).for_each(|_| work())) / times as f64 * 1e6
}

/// How many seconds it takes.
pub fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// A hundredth of the usual count if `$BENCH_QUICK` is set, to test that the
/// benchmark works.
pub fn times(usual: usize) -> usize {
    if is_quick() { (usual / 100).max(FEW).min(usual) } else { usual }
}

fn is_quick() -> bool {
    env::var_os("BENCH_QUICK").is_some()
}

/// The lesson that this benchmark belongs to, from the name of its program.
fn lesson() -> String {
    let program = env::current_exe().expect("a program has a path");
    let name = program.file_stem().expect("and a name").to_string_lossy();
    let name = name.rsplit_once('-').map_or(&*name, |(name, _)| name);
    name.to_string()
}

/// Runs a function of the script next to this benchmark, by `$PYTHON` or
/// `python3`, and returns the number that it prints.
///
/// # Panics
///
/// If the script cannot be run, fails, or prints something else.
pub fn python(function: &str, times: usize) -> f64 {
    let script = format!("tests/benches/{}.py", lesson());
    let output = Command::new(python_command())
        .args([&script, function, &times.to_string()])
        .current_dir(root())
        .output()
        .expect("needs python3");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} {function}: {stderr}");
    let number = stdout.trim().parse();
    number.unwrap_or_else(|_| panic!("{script} {function}: {stdout}"))
}

/// When and where: the date, the system, its cores, and both languages.
///
/// ```
/// let here = harness::bench::here();
/// assert!(here.contains(" cores, rustc "), "{here}");
/// ```
pub fn here() -> String {
    let output = |command: &str, arg: &str| {
        let output = Command::new(command).arg(arg).output();
        let text = output.map_or_else(|_| Vec::new(), |o| o.stdout);
        String::from_utf8_lossy(&text).trim().to_string()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rust = output("rustc", "--version");
    let rust = rust.split(" (").next().unwrap_or_default();
    format!(
        "{}, {} {}, {cores} cores, {rust}, {}",
        output("date", "+%F"),
        env::consts::OS,
        env::consts::ARCH,
        output(&python_command().to_string_lossy(), "--version"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_measured_in_turn_and_all_samples_are_kept() {
        let order = std::cell::RefCell::new(Vec::new());
        let note = |speaker: &'static str| {
            let order = &order;
            move |times: usize| {
                order.borrow_mut().push(speaker);
                times as f64
            }
        };
        let mut row = Row::new("x", "an x", A_SECOND)
            .rounds(2)
            .times(50)
            .ours("a", note("a"))
            .times(60)
            .limit("b", note("b"));
        let measured = row.measure();
        assert_eq!(measured.sides[0].series.samples(), [50.0, 50.0]);
        assert_eq!(measured.sides[1].series.samples(), [60.0, 60.0]);
        drop(row);
        assert_eq!(order.into_inner(), ["a", "b", "a", "b"]);
    }

    #[test]
    fn a_row_that_is_not_there_is_named() {
        let rows = ["race", "lock"].map(|id| Row::new(id, "", A_SECOND));
        let check = |name: &str| check_ids(&rows, &[name.into()]);
        assert_eq!((check("race"), check("lo")), (Ok(()), Ok(())));
        let error = "no row \"locks\"; the rows are: race, lock";
        assert_eq!(check("locks"), Err(error.into()));
    }

    #[test]
    fn a_side_is_done_more_and_more_until_the_clock_sees_it() {
        let most = std::cell::Cell::new(0);
        let mut row = Row::new("x", "an x", A_SECOND).ours("a", |times| {
            most.set(most.get().max(times));
            if times < 1000 { f64::INFINITY } else { 40_000.0 }
        });
        assert_eq!(row.contenders[0].calibrate("x", A_SECOND), 10_000);
        drop(row);
        assert_eq!(most.get(), 10_000);
    }

    #[test]
    #[should_panic = "x: a takes no time"]
    fn a_side_that_does_nothing_is_refused() {
        let nothing = |times| times as f64 / 1e-8;
        let mut row = Row::new("x", "an x", A_SECOND).ours("a", nothing);
        row.contenders[0].calibrate("x", A_SECOND);
    }
}
