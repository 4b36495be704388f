//! What threads, locks and queues do in a second: those of the lessons and of
//! the best kept crate beside CPython's, in one run.
//!
//! Run: `cargo bench -p lesson13_producer_consumer`

#[expect(dead_code, reason = "what takes time is enough here")]
#[path = "../../lesson11_event/src/event.rs"]
mod event;
#[expect(dead_code, reason = "what takes time is enough here")]
#[path = "../../lesson09_rlock/src/rlock.rs"]
mod rlock;

use std::sync::{Condvar, Mutex, mpsc};
use std::thread;
use std::time::Instant;

use crossbeam::channel;
use event_listener::Listener;
use harness::bench::{Series, Side, Table, figure, here, keep, python, turns};

/// Measures once, and returns how many a second.
type Measure = fn() -> f64;

/// One row: what it is, in the table and in words of its own beside the rows
/// of other lessons, and of which lesson; what CPython does (a function of threads.py), and who does the
/// same in Rust. The first is what the lessons use or have written.
struct Row {
    what: &'static str,
    lesson: &'static str,
    alone: &'static str,
    python: (&'static str, &'static str),
    rust: &'static [(&'static str, Measure)],
}

const ROWS: &[Row] = &[
    Row {
        what: "lock and give back",
        lesson: "lesson08_lock",
        alone: "lock and give back",
        python: ("Lock", "lock"),
        rust: &[("std Mutex", lock), ("parking_lot", lock_of_crate)],
    },
    Row {
        what: "the same, four threads",
        lesson: "lesson08_lock",
        alone: "lock and give back, four threads",
        python: ("Lock", "lock_of_four"),
        rust: &[("std Mutex", lock_4), ("parking_lot", lock_4_of_crate)],
    },
    Row {
        what: "RLock, twice and back",
        lesson: "lesson09_rlock",
        alone: "RLock, twice and back",
        python: ("RLock", "rlock"),
        rust: &[("lesson 9's RLock", rlock), ("parking_lot", rlock_of_crate)],
    },
    Row {
        what: "the same, four threads",
        lesson: "lesson09_rlock",
        alone: "RLock, twice and back, four threads",
        python: ("RLock", "rlock_of_four"),
        rust: &[
            ("lesson 9's RLock", rlock_4),
            ("parking_lot", rlock_4_of_crate),
        ],
    },
    Row {
        what: "hand over by a Condition",
        lesson: "lesson10_condition",
        alone: "hand over by a Condition",
        python: ("Condition", "condition"),
        rust: &[
            ("std Condvar", condition),
            ("parking_lot", condition_of_crate),
        ],
    },
    Row {
        what: "wake by an Event",
        lesson: "lesson11_event",
        alone: "wake by an Event",
        python: ("Event", "event"),
        rust: &[
            ("lesson 11's Event", event),
            ("event-listener", event_of_crate),
        ],
    },
    Row {
        what: "items, queue of 1,000",
        lesson: "lesson13_producer_consumer",
        alone: "items, queue of 1,000",
        python: ("queue.Queue", "queue_bounded"),
        rust: &[("crossbeam", bounded), ("std mpsc", bounded_of_std)],
    },
    Row {
        what: "items, queue without end",
        lesson: "lesson13_producer_consumer",
        alone: "items, queue without end",
        python: ("queue.Queue", "queue_unbounded"),
        rust: &[("crossbeam", unbounded), ("std mpsc", unbounded_of_std)],
    },
    Row {
        what: "the same",
        lesson: "lesson13_producer_consumer",
        alone: "items, SimpleQueue",
        python: ("SimpleQueue", "simple_queue"),
        rust: &[("crossbeam", unbounded), ("std mpsc", unbounded_of_std)],
    },
    Row {
        what: "start a thread and join it",
        lesson: "lesson07_threads",
        alone: "start a thread and join it",
        python: ("Thread", "thread"),
        rust: &[("std thread", start)],
    },
];

fn main() {
    println!("{}\n", here());
    println!("How many a second:\n");
    let mut table = Table::new(&["", "", "a second", "it / CPython's"]);
    for row in ROWS {
        measure(row, &mut table);
    }
    print!("{table}");
}

/// Each in turn, seven times: what disturbs one disturbs all.
fn measure(row: &Row, table: &mut Table) {
    let script = "lessons/lesson13_producer_consumer/benches/threads.py";
    let rust = row.rust.iter().map(|(_, measure)| *measure);
    let mut rates = vec![Vec::new(); 1 + row.rust.len()];
    for _ in 0..turns(7) {
        rates[0].push(python(script, &[row.python.1])[0]);
        for (rates, measure) in rates[1..].iter_mut().zip(rust.clone()) {
            rates.push(measure());
        }
    }
    let series: Vec<_> = rates.into_iter().map(Series::new).collect();
    let sides = [Side::CPython, Side::Ours, Side::Other].into_iter();
    let who = row.rust.iter().map(|(who, _)| *who);
    let who = [row.python.0].into_iter().chain(who);
    let figures: Vec<_> = sides.zip(who).zip(&series).collect();
    let figures: Vec<_> =
        figures.into_iter().map(|((side, who), s)| (side, who, s)).collect();
    keep(row.lesson, row.alone, "a second", &figures);
    let names = row.rust.iter().map(|(name, _)| name.to_string());
    let names =
        [format!("CPython's {}", row.python.0)].into_iter().chain(names);
    for (i, (name, rates)) in names.zip(&series).enumerate() {
        let what = if i == 0 { row.what } else { "" };
        let ratio = match i {
            0 => String::new(),
            _ => format!("{} x", figure(rates.median() / series[0].median())),
        };
        table.row(&[what.into(), name, rates.to_string(), ratio]);
    }
}

const TIMES: usize = 1_000_000;
const HAND_OVERS: usize = 50_000;
const ITEMS: usize = 1_000_000;

fn a_second(times: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    times as f64 / start.elapsed().as_secs_f64()
}

/// Four threads, a quarter each.
fn four(work: impl Fn(usize) + Sync) -> f64 {
    a_second(TIMES, || {
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| work(TIMES / 4));
            }
        });
    })
}

fn lock() -> f64 {
    let lock = Mutex::new(());
    a_second(TIMES, || (0..TIMES).for_each(|_| drop(lock.lock().unwrap())))
}

fn lock_of_crate() -> f64 {
    let lock = parking_lot::Mutex::new(());
    a_second(TIMES, || (0..TIMES).for_each(|_| drop(lock.lock())))
}

fn lock_4() -> f64 {
    let lock = Mutex::new(());
    four(|times| (0..times).for_each(|_| drop(lock.lock().unwrap())))
}

fn lock_4_of_crate() -> f64 {
    let lock = parking_lot::Mutex::new(());
    four(|times| (0..times).for_each(|_| drop(lock.lock())))
}

/// Takes the lock, takes it again, and gives it back twice.
fn twice(lock: &rlock::RLock, times: usize) {
    for _ in 0..times / 2 {
        lock.acquire();
        lock.acquire();
        lock.release().expect("it is ours");
        lock.release().expect("it is ours");
    }
}

fn twice_of_crate(lock: &parking_lot::ReentrantMutex<()>, times: usize) {
    for _ in 0..times / 2 {
        let outer = lock.lock();
        drop(lock.lock());
        drop(outer);
    }
}

fn rlock() -> f64 {
    let lock = rlock::RLock::new();
    a_second(TIMES, || twice(&lock, TIMES))
}

fn rlock_of_crate() -> f64 {
    let lock = parking_lot::ReentrantMutex::new(());
    a_second(TIMES, || twice_of_crate(&lock, TIMES))
}

fn rlock_4() -> f64 {
    let lock = rlock::RLock::new();
    four(|times| twice(&lock, times))
}

fn rlock_4_of_crate() -> f64 {
    let lock = parking_lot::ReentrantMutex::new(());
    four(|times| twice_of_crate(&lock, times))
}

/// Two threads, each of which has every second turn.
fn in_turns(speak: impl Fn(usize) + Sync) -> f64 {
    a_second(HAND_OVERS, || {
        thread::scope(|s| {
            s.spawn(|| speak(1));
            speak(0);
        });
    })
}

fn condition() -> f64 {
    let (turn, changed) = (Mutex::new(0), Condvar::new());
    in_turns(|me| {
        for _ in 0..HAND_OVERS / 2 {
            let turn = turn.lock().unwrap();
            let mut turn = changed.wait_while(turn, |t| *t != me).unwrap();
            *turn = 1 - me;
            changed.notify_all();
        }
    })
}

fn condition_of_crate() -> f64 {
    let turn = parking_lot::Mutex::new(0);
    let changed = parking_lot::Condvar::new();
    in_turns(|me| {
        for _ in 0..HAND_OVERS / 2 {
            let mut turn = turn.lock();
            changed.wait_while(&mut turn, |t| *t != me);
            *turn = 1 - me;
            changed.notify_all();
        }
    })
}

fn event() -> f64 {
    let events = [event::Event::new(), event::Event::new()];
    events[0].set();
    in_turns(|me| {
        for _ in 0..HAND_OVERS / 2 {
            events[me].wait();
            events[me].clear();
            events[1 - me].set();
        }
    })
}

/// A flag with event-listener, as its own documentation has it.
#[derive(Default)]
struct Flag {
    set: std::sync::atomic::AtomicBool,
    changed: event_listener::Event,
}

impl Flag {
    fn set(&self) {
        self.set.store(true, std::sync::atomic::Ordering::SeqCst);
        self.changed.notify(usize::MAX);
    }

    fn clear(&self) {
        self.set.store(false, std::sync::atomic::Ordering::SeqCst);
    }

    fn wait(&self) {
        while !self.set.load(std::sync::atomic::Ordering::SeqCst) {
            event_listener::listener!(self.changed => listener);
            if self.set.load(std::sync::atomic::Ordering::SeqCst) {
                break;
            }
            listener.wait();
        }
    }
}

fn event_of_crate() -> f64 {
    let events = [Flag::default(), Flag::default()];
    events[0].set();
    in_turns(|me| {
        for _ in 0..HAND_OVERS / 2 {
            events[me].wait();
            events[me].clear();
            events[1 - me].set();
        }
    })
}

/// One thread puts what another takes.
fn through<T: Send>(
    sender: T,
    put: impl Fn(&T, usize) + Send,
    mut get: impl FnMut() -> usize,
) -> f64 {
    a_second(ITEMS, || {
        thread::scope(|s| {
            s.spawn(move || (0..ITEMS).for_each(|i| put(&sender, i)));
            (0..ITEMS).for_each(|i| assert_eq!(get(), i));
        });
    })
}

fn bounded() -> f64 {
    let (sender, receiver) = channel::bounded(1_000);
    through(sender, |s, i| s.send(i).unwrap(), || receiver.recv().unwrap())
}

fn bounded_of_std() -> f64 {
    let (sender, receiver) = mpsc::sync_channel(1_000);
    through(sender, |s, i| s.send(i).unwrap(), || receiver.recv().unwrap())
}

fn unbounded() -> f64 {
    let (sender, receiver) = channel::unbounded();
    through(sender, |s, i| s.send(i).unwrap(), || receiver.recv().unwrap())
}

fn unbounded_of_std() -> f64 {
    let (sender, receiver) = mpsc::channel();
    through(sender, |s, i| s.send(i).unwrap(), || receiver.recv().unwrap())
}

fn start() -> f64 {
    a_second(1_000, || {
        for _ in 0..1_000 {
            thread::spawn(|| ()).join().unwrap();
        }
    })
}
