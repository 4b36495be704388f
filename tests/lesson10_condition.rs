//! What lesson 10 and its Python twin must show.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use harness::{PartCheck, Run, lesson, twin};
use shared::clock::thread_cpu_seconds;
use turns::Turns;

#[path = "../lessons/lesson10_condition/src/turns.rs"]
mod turns;

const PARTS: [PartCheck; 3] = [
    ("dialogue", dialogue),
    ("lost_wakeup", lost_wakeup),
    ("notify_all", notify_all),
];

const DIALOGUE: [&str; 8] = [
    "Buyer: I am taking both, can you make it cheaper?",
    "Seller: I can, please place your order",
    "Buyer: I have placed it, please change the price",
    "Seller: Done, I have changed it",
    "Buyer: Thank you, I have paid",
    "Buyer: Now I wait for the parcel",
    "Seller: Your payment is here, I send the parcel at once",
    "Seller: The parcel is on its way",
];

fn dialogue(run: &Run) {
    let late = |speaker| [format!("{speaker} comes a second late:")];
    let buyer = late("Buyer");
    let seller = late("Seller");
    let lines = DIALOGUE.map(String::from);
    let all = [&buyer[..], &lines, &seller, &lines].concat();
    run.exact(&all.iter().map(String::as_str).collect::<Vec<_>>());
}

fn lost_wakeup(run: &Run) {
    let found = run.exact(&[
        "Seller is early, and there is no predicate:",
        "Seller: the parcel is on its way, and I notify",
        "Buyer: I wait for the parcel",
        "Buyer: no notification in {lost} s",
        "Seller is early, and there is a predicate:",
        "Seller: the parcel is on its way, and I notify",
        "Buyer: I wait for the parcel",
        "Buyer: the parcel was sent; I have waited {early} s",
        "Seller is late, and there is a predicate:",
        "Buyer: I wait for the parcel",
        "Seller: the parcel is on its way, and I notify",
        "Buyer: the parcel was sent; I have waited {late} s",
    ]);
    assert!(found.number("lost") >= 0.04, "it ends by its limit: {found:?}");
    assert!(found.number("early") >= 0.0, "{found:?}");
    assert!(found.number("late") >= 0.04, "it really waits: {found:?}");
}

/// A notify, and what has come of it.
struct Delivery {
    all: bool,
    waiters: f64,
    woken: f64,
    left: f64,
}

fn deliveries(run: &Run) -> Vec<Delivery> {
    let begins = run.all("Main: waiters: {n}, parcels: {parcels}, {how}");
    let ends = run
        .all("Main: woken: {n}, waiters left: {left}, parcels left: {parcels}");
    let served = run.all("{speaker} has a parcel: {*}");
    let pairs = begins.iter().zip(&ends);
    let deliveries = pairs.map(|((begin, one), (end, two))| {
        let within = |(at, _): &&(usize, _)| begin < at && at < end;
        let served = served.iter().filter(within).count() as f64;
        let waiters = one.number("n");
        let left = two.number("left");
        let parcels = one.number("parcels") - two.number("parcels");
        assert_eq!((waiters - left, parcels), (served, served));
        let all = one.text("how") == "notify_all";
        Delivery { all, waiters, woken: two.number("n"), left }
    });
    deliveries.collect()
}

fn notify_all(run: &Run) {
    assert_eq!(run.lines.len(), 4 * 2 + 5);
    assert_eq!(run.lines[0], "Main: waiters: 5, parcels: 1, notify_one");
    let deliveries = deliveries(run);
    let all: Vec<_> = deliveries.iter().map(|d| d.all).collect();
    assert_eq!(all, [false, true, false, true]);
    let mut most = 0.0;
    for Delivery { all, waiters, woken, .. } in &deliveries {
        let least = if *all { *waiters } else { 1.0 };
        assert!((least..=*waiters).contains(woken), "{woken} of {waiters}");
        most += waiters;
    }
    let waiters: Vec<_> = deliveries[..3].iter().map(|d| d.waiters).collect();
    assert_eq!(waiters, [5.0, 4.0, 3.0], "one parcel, one waiter less");
    assert_eq!(deliveries[3].left, 0.0, "all have theirs");
    each_of_the_five_sleeps(run, most);
}

fn each_of_the_five_sleeps(run: &Run, most: f64) {
    let served = run.all(
        "{speaker} has a parcel: waited {s} s, used {cpu} ms CPU, woke up: {n}",
    );
    let mut names: Vec<_> =
        served.iter().map(|(_, f)| f.text("speaker")).collect();
    names.sort();
    let five = ["Waiter-1", "Waiter-2", "Waiter-3", "Waiter-4", "Waiter-5"];
    assert_eq!(names, five);
    let all = |hole| served.iter().map(move |(_, found)| found.number(hole));
    let wake_ups: f64 = all("n").sum();
    assert!(
        all("n").all(|n| n >= 1.0),
        "no waiter continues without a wake-up"
    );
    assert!((8.0..=most).contains(&wake_ups), "{wake_ups} wake-ups");
    // Five that spin use one core at least for all the time.
    let cpu = all("cpu").sum::<f64>() / 1e3;
    let longest = all("s").fold(0.0, f64::max);
    assert!(cpu <= longest / 5.0, "they used {cpu} s CPU in {longest} s");
}

#[test]
fn the_dialogue_is_in_one_order_in_both_cases() {
    let run = lesson!().part("dialogue");
    dialogue(&run);
    assert!(run.seconds >= 0.28, "two waits of a second, and fifteen turns");
}

#[test]
fn a_notify_before_the_wait_is_lost_without_a_predicate() {
    let run = lesson!().part("lost_wakeup");
    lost_wakeup(&run);
    assert!(run.seconds >= 0.195, "one waits in vain, three are packed");
}

#[test]
fn every_waiter_gets_its_parcel_and_sleeps_until_then() {
    let run = lesson!().part("notify_all");
    notify_all(&run);
    assert!(run.seconds >= 0.24, "five naps of a second");
}

#[test]
fn notify_one_leaves_waiters_asleep_although_parcels_are_there() {
    // It may wake up more than one, but not every time.
    let left = (0..5).any(|_| {
        let run = lesson!().part("notify_all");
        notify_all(&run);
        let deliveries = deliveries(&run);
        let sleeps = |d: &Delivery| d.woken < d.waiters && d.left > 0.0;
        sleeps(&deliveries[0]) && sleeps(&deliveries[2])
    });
    assert!(left, "one of five, one of three");
}

#[test]
fn no_part_hangs_when_its_output_is_closed() {
    for (part, _) in PARTS {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lesson10_condition"))
            .args([part, "--pace", "0.05"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut heading = String::new();
        output.read_line(&mut heading).unwrap();
        assert!(heading.contains(part), "{heading}");
        drop(output);
        let end = Instant::now() + harness::deadline();
        while child.try_wait().unwrap().is_none() && Instant::now() < end {
            thread::sleep(pause(5));
        }
        let ended = child.try_wait().unwrap();
        let _ = child.kill(); // If it has not ended.
        let _ = child.wait();
        assert!(ended.is_some(), "{part} hangs when its output is closed");
    }
}

/// The turns of the dialogue, and their numbers in the order of the lines.
struct Talk {
    turns: Turns,
    lines: Mutex<Vec<usize>>,
}

impl Talk {
    fn new() -> Self {
        Self { turns: Turns::new(), lines: Mutex::default() }
    }

    fn say(&self, mine: impl IntoIterator<Item = usize>) {
        for n in mine {
            self.turns.take(n, || self.lines.lock().unwrap().push(n));
        }
    }

    fn lines(&self) -> Vec<usize> {
        self.lines.lock().unwrap().clone()
    }
}

fn pause(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn turns_are_in_order_for_either_first_thread() {
    let buyer = [0, 2, 4, 5];
    let seller = [1, 3, 6, 7];
    for (first, second) in [(buyer, seller), (seller, buyer)] {
        let lines = in_time(move || {
            let talk = &Talk::new();
            let speak = |mine: [usize; 4]| {
                for n in mine {
                    talk.say([n]);
                    // After 4 the buyer has the next turn, not the seller.
                    thread::sleep(pause(if n == 4 { 20 } else { 0 }));
                }
            };
            let (come, has_come) = mpsc::channel();
            thread::scope(|s| {
                s.spawn(move || {
                    come.send(()).unwrap();
                    speak(first);
                });
                has_come.recv().unwrap();
                thread::sleep(pause(20)); // It is well ahead.
                s.spawn(move || speak(second));
            });
            talk.lines()
        });
        assert_eq!(lines, [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}

#[test]
fn a_waiter_woken_for_another_turn_waits_again() {
    let lines = in_time(|| {
        let talk = Talk::new();
        thread::scope(|s| {
            s.spawn(|| talk.say([100]));
            for n in 0..100 {
                talk.say([n]); // Each of them wakes up the other thread.
                thread::sleep(pause(1));
            }
        });
        talk.lines()
    });
    assert!(lines.iter().copied().eq(0..=100), "{lines:?}");
}

#[test]
fn the_thread_with_the_next_turn_is_woken() {
    let lines = in_time(|| {
        let talk = Talk::new();
        thread::scope(|s| {
            for k in (0..8).rev() {
                let talk = &talk;
                s.spawn(move || talk.say((k..200).step_by(8)));
            }
        });
        talk.lines()
    });
    assert!(lines.iter().copied().eq(0..200), "{lines:?}");
}

#[test]
fn a_turn_begins_when_the_one_before_has_ended() {
    let most = in_time(|| {
        let turns = Turns::new();
        let inside = AtomicUsize::new(0);
        let turns = &turns;
        let inside = &inside;
        let take = |n| {
            let mut found = 0;
            turns.take(n, || {
                found = inside.fetch_add(1, Relaxed);
                thread::sleep(pause(2));
                inside.fetch_sub(1, Relaxed);
            });
            found
        };
        thread::scope(|s| {
            let threads: Vec<_> =
                (0..10).map(|n| s.spawn(move || take(n))).collect();
            threads.into_iter().map(|t| t.join().unwrap()).max()
        })
    });
    assert_eq!(most, Some(0), "no other thread is inside");
}

#[test]
fn a_thread_that_waits_for_its_turn_sleeps() {
    let (waited, cpu) = in_time(|| {
        let turns = &Turns::new();
        let wait = || {
            let began = Instant::now();
            let cpu = thread_cpu_seconds();
            turns.take(1, || ());
            (began.elapsed().as_secs_f64(), thread_cpu_seconds() - cpu)
        };
        thread::scope(|s| {
            let waits = s.spawn(wait);
            thread::sleep(pause(200));
            turns.take(0, || ());
            waits.join().unwrap()
        })
    });
    // A thread that spins next to many others has a larger share than this.
    assert!(cpu <= waited / 50.0, "it used {cpu} s CPU in {waited} s");
}

#[test]
fn a_panic_in_a_turn_ends_the_dialogue() {
    // The first thread is unspecified; the dialogue ends either way.
    in_time(|| (0..100).for_each(|_| one_panics()));
}

fn one_panics() {
    let turns = Turns::new();
    let ended = thread::scope(|s| {
        let waits = s.spawn(|| turns.take(1, || ()));
        thread::yield_now();
        let panics = s.spawn(|| turns.take(0, || panic!("in a turn")));
        (panics.join().is_err(), waits.join().is_err())
    });
    assert_eq!(
        ended,
        (true, true),
        "no thread waits for a turn that never comes"
    );
}

// CPython's ConditionTests, of `Lib/test/lock_tests.py`, on a `Condvar`.

const TENTH: Duration = Duration::from_millis(100);

/// `test_acquire`: what a wait does with the lock.
#[test]
fn a_wait_releases_the_lock_and_then_acquires_it_again() {
    in_time(|| {
        let go = &Mutex::new(false);
        let changed = &Condvar::new();
        let (sender, receiver) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        thread::scope(|s| {
            s.spawn(move || {
                let guard = go.lock().unwrap();
                sender.send("has the lock").unwrap();
                let _guard = changed.wait_while(guard, |go| !*go).unwrap();
                sender.send("has the lock again").unwrap();
                let _ = ended.recv();
            });
            assert_eq!(receiver.recv(), Ok("has the lock"));
            *go.lock().unwrap() = true; // The waiter has released it.
            changed.notify_one();
            assert_eq!(receiver.recv(), Ok("has the lock again"));
            assert!(go.try_lock().is_err());
            drop(end);
        });
    });
}

/// `test_unacquired_notify`: in Python an error, here allowed, and in vain.
#[test]
fn a_notify_needs_no_lock_and_is_not_kept() {
    let lock = Mutex::new(());
    let changed = Condvar::new();
    changed.notify_one();
    changed.notify_all();
    let guard = lock.lock().unwrap();
    let wait = changed.wait_timeout_while(guard, TENTH, |()| true);
    assert!(wait.unwrap().1.timed_out());
}

/// Threads that wait for a place, and how many places there are.
#[derive(Default)]
struct Door {
    phase: usize,
    waiting: usize,
    places: usize,
    inside: usize,
}

/// `test_notify`: five wait, twice each; three, five and all are let in. It
/// assumes that no thread wakes up without a notification. A `Condvar` does not
/// promise that, so there are places, and no thread has two in one phase.
#[test]
fn as_many_go_on_as_are_notified() {
    for _ in ["at first", "and its state is still sound"] {
        assert_eq!(in_time(let_in_three_five_and_all), [3, 8, 10]);
    }
}

fn let_in_three_five_and_all() -> [usize; 3] {
    let door = &Mutex::new(Door::default());
    let opened = &Condvar::new();
    let waiters_changed = &Condvar::new();
    let go_in = move || {
        let mut guard = door.lock().unwrap();
        let came = guard.phase;
        guard.waiting += 1;
        waiters_changed.notify_one();
        let must_wait = |d: &mut Door| d.phase == came || d.places == 0;
        let mut guard = opened.wait_while(guard, must_wait).unwrap();
        guard.waiting -= 1;
        guard.places -= 1;
        guard.inside += 1;
        waiters_changed.notify_one();
    };
    let let_in = |waiting: usize, places: usize, notify: &dyn Fn()| {
        let guard = door.lock().unwrap();
        let few = |d: &mut Door| d.waiting < waiting;
        let mut guard = waiters_changed.wait_while(guard, few).unwrap();
        guard.phase += 1;
        guard.places = places;
        notify();
        let some = |d: &mut Door| d.places > 0;
        waiters_changed.wait_while(guard, some).unwrap().inside
    };
    thread::scope(|s| {
        for _ in 0..5 {
            s.spawn(move || [go_in(), go_in()]);
        }
        let notify = |n| (0..n).for_each(|_| opened.notify_one());
        [
            let_in(5, 3, &|| notify(3)),
            let_in(5, 5, &|| notify(5)),
            let_in(2, 2, &|| opened.notify_all()),
        ]
    })
}

/// `test_timeout`: five wait, and none is notified.
#[test]
fn a_wait_with_a_limit_lasts_as_long_and_says_so() {
    let lock = &Mutex::new(());
    let changed = &Condvar::new();
    let wait = || {
        let guard = lock.lock().unwrap();
        let began = Instant::now();
        let wait = changed.wait_timeout_while(guard, TENTH, |()| true);
        (began.elapsed(), wait.unwrap().1.timed_out())
    };
    let waits: Vec<_> = thread::scope(|s| {
        let threads: Vec<_> = (0..5).map(|_| s.spawn(wait)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let right = waits.iter().all(|(time, end)| *time >= TENTH && *end);
    assert!(right, "{waits:?}");
}

/// Counts to `to`, and notifies at each step.
fn count(to: usize, state: &Mutex<usize>, changed: &Condvar) {
    for _ in 0..to {
        thread::sleep(TENTH / 10);
        *state.lock().unwrap() += 1;
        changed.notify_one();
    }
}

/// `test_waitfor`: every step but the last is a wake-up for nothing.
#[test]
fn a_wait_with_a_predicate_returns_when_it_is_so() {
    let found = in_time(|| {
        let state = &Mutex::new(0);
        let changed = &Condvar::new();
        thread::scope(|s| {
            s.spawn(|| count(4, state, changed));
            let guard = state.lock().unwrap();
            *changed.wait_while(guard, |state| *state != 4).unwrap()
        })
    });
    assert_eq!(found, 4);
}

/// `test_waitfor_timeout`: the last step never comes.
#[test]
fn wake_ups_for_nothing_do_not_shorten_a_wait_with_a_limit() {
    let state = &Mutex::new(0);
    let changed = &Condvar::new();
    thread::scope(|s| {
        s.spawn(|| count(3, state, changed));
        let guard = state.lock().unwrap();
        let began = Instant::now();
        let wait =
            changed.wait_timeout_while(guard, TENTH, |state| *state != 4);
        let (state, end) = wait.unwrap();
        assert!(began.elapsed() >= TENTH && end.timed_out());
        assert_ne!(*state, 4);
    });
}

/// Runs it in a thread of its own: what goes wrong here may well hang.
fn in_time<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, end) = mpsc::channel();
    thread::spawn(move || done.send(what()));
    end.recv_timeout(harness::deadline()).expect("it ends, and without a panic")
}

#[test]
fn every_schedule_of_lost_wakeup_ends_as_the_book_says() {
    harness::assert_schedules(&lesson!(), "lost_wakeup");
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
