//! What lesson 11 and its Python twin must show, and what an `Event` is.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use event::{Event, wake_spuriously};
use harness::{PartCheck, Run, lesson, twin};
use shared::clock::thread_cpu_seconds;

/// The file itself, and a way to what it keeps to itself.
mod event {
    include!("../lessons/lesson11_event/src/event.rs");

    /// Wakes all waiters without a `set`, as a system may.
    pub fn wake_spuriously(event: &Event) {
        event.condvar.notify_all();
    }
}

const PARTS: [PartCheck; 4] = [
    ("naive", naive),
    ("toggle", toggle),
    ("starting_gun", starting_gun),
    ("timeout", timeout),
];

fn naive(run: &Run) {
    run.exact(&[
        "Setter sets both events",
        "Waiter: without a flag, wait returned false",
        "Waiter: with a flag, wait returned true",
    ]);
}

fn toggle(run: &Run) {
    let ten = "Ten threads: 1 0 3 2 5 4 7 6 9 8";
    let nine = "Nine threads: 1 0 3 2 5 4 7 6 8";
    assert_eq!(run.lines.len(), 11 + 10 + 5, "{:?}", run.lines);
    assert_eq!(run.lines[..11].join(" "), ten);
    assert_eq!(run.lines[11..21].join(" "), nine);
    assert_eq!(run.lines[21], "Two threads, in three steps:");
    for thread in ["0", "1"] {
        let waits =
            format!("{thread} saw that it was set, cleared it, and waits");
        let times_out =
            format!("{thread} times out after {{s}} s: no thread set it");
        run.before(&waits, &times_out);
    }
}

fn starting_gun(run: &Run) {
    let begin = "{speaker} runs, after waiting for {s} s";
    let end = "{speaker} arrives";
    let fires = run.one("Starter fires").0;
    for k in 1..=5 {
        let ready = run.one(&format!("Runner-{k} is ready")).0;
        let runs = format!("Runner-{k} runs, after waiting for {{s}} s");
        assert!(ready < fires && fires < run.one(&runs).0, "at the shot");
        run.before(&runs, &format!("Runner-{k} arrives"));
    }
    let late = run.one("Latecomer runs, after waiting for {s} s").0;
    assert!(fires < late, "the event stays set");
    assert_eq!(run.lines.len(), 5 + 1 + 5 + 1 + 5);
    // The latecomer never arrives.
    assert!(run.most_in_flight(begin, end) >= 5, "all at once");
}

fn timeout(run: &Run) {
    run.exact(&[
        "Waiter: wait(1) returned false after {*} s",
        "Setter sets the event",
        "Waiter: wait(3600) returned true after {*} s",
        "Waiter: wait(0) returned true after {*} s",
    ]);
}

#[test]
fn an_event_without_a_flag_forgets_that_it_was_set() {
    let run = lesson!().part("naive");
    naive(&run);
    assert!(run.seconds >= 0.5 * 0.05 - 0.005, "it waits until the timeout");
}

#[test]
fn the_second_of_a_pair_is_first_in_every_run() {
    for _ in 0..5 {
        toggle(&lesson!().pace(0.01).part("toggle"));
    }
}

#[test]
fn three_separate_steps_hang_until_the_timeout() {
    let run = lesson!().part("toggle");
    toggle(&run);
    for (_, found) in run.all("{i} times out after {s} s: no thread set it") {
        assert!(found.number("s") >= 0.02, "it waits in vain: {found:?}");
    }
}

#[test]
fn no_runner_runs_before_the_shot_and_all_run_after_it() {
    let run = lesson!().part("starting_gun");
    starting_gun(&run);
    for (_, found) in run.all("Runner-{k} runs, after waiting for {s} s") {
        assert!(found.number("s") >= 0.04, "the starter naps: {found:?}");
    }
}

#[test]
fn a_wait_is_as_long_as_its_timeout_and_no_longer_than_the_event() {
    let run = lesson!().part("timeout");
    timeout(&run);
    let first = run.one("Waiter: wait(1) returned false after {s} s").1;
    assert!(first.number("s") >= 0.05, "{first:?}");
    let second = run.one("Waiter: wait(3600) returned true after {s} s").1;
    assert!(second.number("s") >= 0.02, "the setter works: {second:?}");
}

// The type, as CPython's `lock_tests.EventTests` has it.

/// Longer than anything here takes: a thread that needs longer hangs.
const LONG: Duration = Duration::from_secs(10);

#[test]
fn is_set_says_what_was_done_last() {
    let event = Event::new();
    assert!(!event.is_set());
    for _ in 0..2 {
        event.set();
        assert!(event.is_set());
    }
    for _ in 0..2 {
        event.clear();
        assert!(!event.is_set());
    }
}

#[test]
fn a_set_releases_all_waiters_and_all_later_ones() {
    static EVENT: Event = Event::new();
    for _ in 0..2 {
        let waiters = five_waiters(&EVENT, |event| {
            event.wait();
            event.wait();
        });
        assert_eq!(waiters.try_iter().count(), 0, "they wait");
        EVENT.set();
        all_five(&waiters);
        // Another time, after an explicit clear.
        EVENT.clear();
    }
}

#[test]
fn a_wait_with_a_timeout_returns_false_and_then_true() {
    static EVENT: Event = Event::new();
    let timeout = Duration::from_millis(50);
    let waiters = five_waiters(&EVENT, |event| {
        let at_once = event.wait_timeout(Duration::ZERO);
        let began = Instant::now();
        let later = event.wait_timeout(Duration::from_millis(50));
        (at_once, later, began.elapsed())
    });
    for (at_once, later, waited) in all_five(&waiters) {
        assert!(!at_once && !later && waited >= timeout, "{waited:?}");
    }
    EVENT.set();
    assert!(EVENT.wait_timeout(Duration::ZERO));
    assert!(EVENT.wait_timeout(timeout));
    assert!(EVENT.wait_timeout(Duration::MAX));
}

#[test]
fn waiters_are_released_even_when_clear_follows_at_once() {
    static EVENT: Event = Event::new();
    let waits: [fn(&Event) -> bool; 2] = [
        |event| {
            event.wait();
            true
        },
        |event| event.wait_timeout(2 * LONG),
    ];
    // Some may be awake before the clear, but not all of them every time.
    for wait in waits.into_iter().cycle().take(200) {
        let waiters = five_waiters(&EVENT, wait);
        EVENT.set();
        EVENT.clear();
        assert_eq!(all_five(&waiters), [true; 5]);
        assert!(!EVENT.is_set());
    }
}

// What CPython's documentation leaves open.

#[test]
fn a_thread_that_comes_after_clear_waits_for_the_next_set() {
    let event = Event::new();
    event.set();
    event.clear();
    assert!(!event.wait_timeout(Duration::ZERO));
    assert!(!event.wait_timeout(Duration::from_millis(20)));
}

#[test]
fn a_spurious_wake_up_ends_no_wait() {
    static EVENT: Event = Event::new();
    static WITH_TIMEOUT: Event = Event::new();
    let waits: [(_, fn(&Event)); 2] = [
        (&EVENT, |event| event.wait()),
        (&WITH_TIMEOUT, |event| assert!(event.wait_timeout(2 * LONG))),
    ];
    for (event, wait) in waits {
        let waiters = five_waiters(event, wait);
        event.clear(); // It is clear already: this changes nothing.
        wake_spuriously(event);
        let early = waiters.recv_timeout(Duration::from_millis(50));
        assert!(early.is_err(), "no thread has set it");
        event.set();
        all_five(&waiters);
    }
}

#[test]
fn no_set_is_lost_in_thousands_of_rounds() {
    static PING: Event = Event::new();
    static PONG: Event = Event::new();
    const ROUNDS: usize = 5000;
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || {
        for round in 0..ROUNDS {
            PING.wait();
            PING.clear();
            tx.send(round).expect("the test listens");
            PONG.set();
        }
    });
    for round in 0..ROUNDS {
        PING.set();
        assert_eq!(rx.recv_timeout(LONG), Ok(round), "a set was lost");
        assert!(PONG.wait_timeout(LONG), "a set was lost");
        PONG.clear();
    }
}

#[test]
fn a_waiter_sleeps_and_does_not_spin() {
    let event = Event::new();
    let cpu = thread_cpu_seconds();
    let began = Instant::now();
    assert!(!event.wait_timeout(Duration::from_millis(100)));
    let cpu = thread_cpu_seconds() - cpu;
    assert!(cpu <= began.elapsed().as_secs_f64() / 20.0, "{cpu} s");
}

/// Five threads that do `wait`. Each is seen asleep in it before the next one
/// starts. What they return comes down the channel.
fn five_waiters<T: Send + 'static>(
    event: &'static Event,
    wait: fn(&Event) -> T,
) -> Receiver<T> {
    let (tx, rx) = mpsc::channel();
    for _ in 0..5 {
        let tx = tx.clone();
        let (here, is_here) = mpsc::channel();
        thread::spawn(move || {
            here.send(fs::read_link("/proc/thread-self")).expect("we listen");
            tx.send(wait(event)).expect("the test listens");
        });
        until_asleep(is_here.recv().expect("it has begun"));
    }
    rx
}

/// Returns when this thread sleeps. All others that know the event are asleep
/// already, so there is nothing that it could sleep for but the event.
fn until_asleep(task: io::Result<PathBuf>) {
    let Ok(task) = task else {
        // Not Linux: CPython's own test sleeps as well.
        return thread::sleep(Duration::from_millis(20));
    };
    let stat = PathBuf::from("/proc").join(task).join("stat");
    let end = Instant::now() + LONG;
    // The state follows the name, which is in brackets. No file: it has ended.
    while let Ok(stat) = fs::read_to_string(&stat)
        && !stat.contains(") S ")
    {
        assert!(Instant::now() < end, "it never sleeps: {stat}");
        thread::yield_now();
    }
}

/// What the five return. They must return now.
#[track_caller]
fn all_five<T>(waiters: &Receiver<T>) -> Vec<T> {
    let next = |_| waiters.recv_timeout(LONG).expect("a waiter continues");
    (0..5).map(next).collect()
}

#[test]
fn every_schedule_of_toggle_ends_as_the_book_says() {
    harness::assert_schedules(&lesson!(), "toggle");
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
