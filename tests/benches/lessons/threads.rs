//! What threads gain, and the limits of locks and of passing the turn.

use std::cell::Cell;
use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread;
use std::time::Instant;

use harness::bench::Side::{Limit, Other, Ours};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use shared::task::count_primes;
use thread_local::ThreadLocal;

use crate::Row;

const SECOND: &str = "a second";
const TIMES: usize = 1_000_000;

pub const SPEED_UPS: &[Row] = &[Row {
    lesson: "lesson07_threads",
    what: "four threads that compute",
    unit: "times as fast as one",
    python: Some(("Thread", "in_threads", 5)),
    rust: &[
        (Ours, "std thread", 5, in_threads),
        (Other, "rayon", 5, in_rayon),
        (Limit, "the cores", 1, cores),
    ],
}];

pub const A_SECOND: &[Row] = &[
    Row {
        lesson: "lesson08_lock",
        what: "lock and give back",
        unit: SECOND,
        python: None,
        rust: &[(Limit, "an atomic flag", TIMES, flag)],
    },
    Row {
        lesson: "lesson09_rlock",
        what: "RLock, twice and back",
        unit: SECOND,
        python: None,
        rust: &[(Limit, "an atomic flag", TIMES, flag)],
    },
    Row {
        lesson: "lesson10_condition",
        what: "hand over by a Condition",
        unit: SECOND,
        python: None,
        rust: &[(Limit, "park and unpark", 50_000, in_turns)],
    },
    Row {
        lesson: "lesson11_event",
        what: "wake by an Event",
        unit: SECOND,
        python: None,
        rust: &[(Limit, "park and unpark", 50_000, in_turns)],
    },
    Row {
        lesson: "lesson12_thread_local",
        what: "add 1 to a thread's own number",
        unit: SECOND,
        python: Some(("threading.local", "thread_local", 500_000)),
        rust: &[
            (Ours, "thread_local!", 10 * TIMES, thread_local),
            (Other, "crate thread_local", 10 * TIMES, thread_local_of_crate),
            (Limit, "a number in memory", 10 * TIMES, memory),
        ],
    },
    Row {
        lesson: "lesson13_producer_consumer",
        what: "items, queue without end",
        unit: SECOND,
        python: None,
        rust: &[(Limit, "one thread alone", TIMES, alone)],
    },
];

fn a_second(times: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    times as f64 / start.elapsed().as_secs_f64()
}

/// How many times as fast four of them are `together` as one after the other.
fn speed_up(times: usize, together: impl Fn(fn() -> usize)) -> f64 {
    let work: fn() -> usize = || count_primes(black_box(200_000));
    let in_a_row = a_second(times, || {
        (0..times * 4).for_each(|_| {
            black_box(work());
        });
    });
    a_second(times, || (0..times).for_each(|_| together(work))) / in_a_row
}

fn in_threads(times: usize) -> f64 {
    speed_up(times, |work| {
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| black_box(work()));
            }
        });
    })
}

fn in_rayon(times: usize) -> f64 {
    speed_up(times, |work| {
        (0..4).into_par_iter().for_each(|_| {
            black_box(work());
        });
    })
}

fn cores(_: usize) -> f64 {
    thread::available_parallelism().map_or(1.0, |n| n.get().min(4) as f64)
}

/// A lock that nobody ever waits for, and nothing else.
fn flag(times: usize) -> f64 {
    let flag = AtomicBool::new(false);
    a_second(times, || {
        for _ in 0..times {
            assert!(!black_box(&flag).swap(true, Acquire));
            black_box(&flag).store(false, Release);
        }
    })
}

/// Two threads, each of which wakes the other and sleeps.
fn in_turns(times: usize) -> f64 {
    let turn = &AtomicUsize::new(0);
    let speak = move |me: usize, other: thread::Thread| {
        for _ in 0..times / 2 {
            while turn.load(Acquire) != me {
                thread::park();
            }
            turn.store(1 - me, Release);
            other.unpark();
        }
    };
    let here = thread::current();
    a_second(times, || {
        thread::scope(|s| {
            let other = s.spawn(move || speak(1, here));
            speak(0, other.thread().clone());
        });
    })
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn thread_local(times: usize) -> f64 {
    a_second(times, || {
        for _ in 0..times {
            COUNT.with(|count| black_box(count).set(count.get() + 1));
        }
    })
}

fn thread_local_of_crate(times: usize) -> f64 {
    let of_thread: ThreadLocal<Cell<u64>> = ThreadLocal::new();
    a_second(times, || {
        for _ in 0..times {
            let count = of_thread.get_or_default();
            black_box(count).set(count.get() + 1);
        }
    })
}

fn memory(times: usize) -> f64 {
    let count = Cell::new(0_u64);
    a_second(times, || {
        for _ in 0..times {
            black_box(&count).set(count.get() + 1);
        }
    })
}

/// Puts and takes, and nobody else is there.
fn alone(times: usize) -> f64 {
    let mut items = VecDeque::new();
    a_second(times, || {
        for i in 0..times {
            black_box(&mut items).push_back(i);
            assert_eq!(black_box(&mut items).pop_front(), Some(i));
        }
    })
}
