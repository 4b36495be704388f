//! What the lessons without a benchmark of their own do, beside CPython, and
//! the limits of some that have one.
//!
//! Run: `cargo bench -p harness`

#[cfg(unix)]
#[path = "lessons/processes.rs"]
mod processes;
#[expect(dead_code, reason = "one of its calls is enough here")]
#[cfg(unix)]
#[path = "../../lessons/lesson00_fork/src/system.rs"]
mod system;
#[cfg(unix)]
#[path = "lessons/threads.rs"]
mod threads;

use harness::bench::{
    Series, Side, Table, figure, here, keep, python, times, turns,
};

#[cfg(unix)]
fn main() {
    if std::env::args().nth(1).is_some_and(|role| role == "wait") {
        return processes::wait();
    }
    println!("{}", here());
    // The first ones fork, so they come before any thread.
    for (what, rows) in [
        ("Microseconds, the fewer the better:", processes::MICROSECONDS),
        ("Megabytes a second:", processes::MEGABYTES),
        ("How many times as fast as one thread:", threads::SPEED_UPS),
        ("How many a second:", threads::A_SECOND),
    ] {
        println!("\n{what}\n");
        let mut table = Table::new(&["", "", "", "it / CPython's"]);
        rows.iter().for_each(|row| row.measure(&mut table));
        print!("{table}");
    }
}

#[cfg(not(unix))]
fn main() {
    println!("harness: this benchmark needs Unix");
}

/// One row of the comparison: the lesson, what is done, in which unit, what
/// CPython does for it (a function of lessons.py, and how often), and who does
/// the same in Rust.
struct Row {
    lesson: &'static str,
    what: &'static str,
    unit: &'static str,
    python: Option<(&'static str, &'static str, usize)>,
    rust: &'static [(Side, &'static str, usize, Measure)],
}

/// Does it so often, and returns how long each took or how many a second.
type Measure = fn(usize) -> f64;

impl Row {
    /// Each in turn, seven times: what disturbs one disturbs all.
    fn measure(&self, table: &mut Table) {
        let theirs = self.python.iter();
        let theirs = theirs.map(|(who, ..)| (Side::CPython, *who));
        let ours = self.rust.iter().map(|(side, who, ..)| (*side, *who));
        let names: Vec<_> = theirs.chain(ours).collect();
        let mut figures = vec![Vec::new(); names.len()];
        for _ in 0..turns(7) {
            for (figures, figure) in figures.iter_mut().zip(self.turn()) {
                figures.push(figure);
            }
        }
        let all: Vec<_> = figures.into_iter().map(Series::new).collect();
        let kept =
            names.iter().zip(&all).map(|((side, who), s)| (*side, *who, s));
        keep(self.lesson, self.what, self.unit, &kept.collect::<Vec<_>>());
        for (i, ((side, who), series)) in names.iter().zip(&all).enumerate() {
            let what = if i == 0 { self.what } else { "" };
            let name = match side {
                Side::CPython => format!("CPython's {who}"),
                Side::Limit => format!("{who}, the limit"),
                _ => (*who).to_string(),
            };
            let ratio = figure(series.median() / all[0].median());
            let ratio = match self.python {
                Some(_) if i > 0 => format!("{ratio} x"),
                _ => String::new(),
            };
            table.row(&[what.into(), name, series.to_string(), ratio]);
        }
    }

    /// Everybody's figure, once.
    fn turn(&self) -> Vec<f64> {
        let theirs = self.python.iter().map(|(_, function, usual)| {
            let script = "tests/benches/lessons.py";
            python(script, &[function, &times(*usual).to_string()])[0]
        });
        let rust = self.rust.iter();
        let ours = rust.map(|(_, _, usual, measure)| measure(times(*usual)));
        theirs.chain(ours).collect()
    }
}
