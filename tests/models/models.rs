//! The RLock of lesson 9, the turns of lesson 10 and the Event of lesson 11
//! under [shuttle]: small programs, in every interleaving that they have.
//!
//! The files are the lessons' own (see `build.rs`). Each program must hold to
//! the end of the search. Then the file is broken, and the same search must
//! find the fault.
//!
//! Run: `cargo test -p models`
//!
//! [shuttle]: https://docs.rs/shuttle
#![cfg(test)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
use shuttle::thread;
use shuttle::{Config, Runner};

/// The lessons' files, whole and broken.
#[allow(dead_code, unused_imports, reason = "not all of it is needed here")]
mod files {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

/// More interleavings than any of the programs here has.
const MANY: usize = 1_000_000;

/// Tries every interleaving. Returns how many there are, or what the first
/// bad one says.
fn search(program: fn()) -> Result<usize, String> {
    run(DfsScheduler::new(Some(MANY), false), program)
}

/// Tries some, always the same.
fn sample(program: fn()) -> Result<usize, String> {
    run(RandomScheduler::new_from_seed(9, 50_000), program)
}

fn run(
    order: impl Scheduler + 'static,
    program: fn(),
) -> Result<usize, String> {
    let runner = Runner::new(order, Config::new());
    let end = catch_unwind(AssertUnwindSafe(|| runner.run(program)));
    end.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().unwrap_or(&"").to_string(),
    })
}

/// The book has the number of interleavings, which changes with the code.
fn holds(program: fn(), interleavings: usize) {
    let count = search(program).expect("no interleaving is bad");
    assert!(count < MANY, "not all were tried");
    assert_eq!(count, interleavings);
}

fn fails(program: fn(), because: &str) {
    finds(search(program), because);
}

fn finds(end: Result<usize, String>, fault: &str) {
    let message = end.expect_err("the fault is found");
    assert!(message.contains(fault), "{message}");
}

/// What an RLock can do, whole or broken.
trait Lock: Send + Sync + 'static {
    const NEW: fn() -> Self;
    fn acquire(&self) -> usize;
    fn release(&self) -> usize;
}

macro_rules! lock {
    ($($file:ident)*) => {$(
        impl Lock for files::$file::RLock {
            const NEW: fn() -> Self = Self::new;
            fn acquire(&self) -> usize {
                Self::acquire(self)
            }
            fn release(&self) -> usize {
                Self::release(self).expect("we have it")
            }
        }
    )*};
}

lock!(rlock rlock_if_for_while rlock_of_anybody rlock_wakes_too_early
    rlock_forgets_the_second rlock_waits_unseen);

/// Two threads take the lock, one of them twice over.
fn one_at_a_time<L: Lock>() {
    let lock = Arc::new(L::NEW());
    let inside = Arc::new(AtomicUsize::new(0));
    let other = {
        let lock = lock.clone();
        let inside = inside.clone();
        thread::spawn(move || alone(&*lock, &inside))
    };
    assert_eq!(lock.acquire(), 1);
    alone_again(&*lock, &inside);
    assert_eq!(lock.release(), 0);
    other.join().unwrap();
}

fn alone(lock: &impl Lock, inside: &AtomicUsize) {
    assert_eq!(lock.acquire(), 1);
    enter_and_leave(inside);
    assert_eq!(lock.release(), 0);
}

fn alone_again(lock: &impl Lock, inside: &AtomicUsize) {
    assert_eq!(lock.acquire(), 2);
    enter_and_leave(inside);
    assert_eq!(lock.release(), 1);
}

/// In between, every other thread may run.
fn enter_and_leave(inside: &AtomicUsize) {
    assert_eq!(inside.fetch_add(1, SeqCst), 0, "one at a time");
    inside.fetch_sub(1, SeqCst);
}

/// Some threads, each once.
fn every_thread_gets_the_lock<L: Lock, const OTHERS: usize>() {
    let lock = Arc::new(L::NEW());
    let threads = [(); OTHERS].map(|()| {
        let lock = lock.clone();
        thread::spawn(move || (lock.acquire(), lock.release()))
    });
    assert_eq!((lock.acquire(), lock.release()), (1, 0));
    threads.into_iter().for_each(|t| assert_eq!(t.join().unwrap(), (1, 0)));
}

#[test]
fn the_rlock_lets_one_thread_in_at_a_time() {
    holds(one_at_a_time::<files::rlock::RLock>, 296_976);
}

#[test]
fn the_rlock_forgets_no_thread() {
    holds(every_thread_gets_the_lock::<files::rlock::RLock, 1>, 61_092);
}

/// Three threads have too many interleavings to try them all.
#[test]
fn the_rlock_forgets_no_second_thread() {
    let whole = every_thread_gets_the_lock::<files::rlock::RLock, 2>;
    sample(whole).expect("no interleaving is bad");
}

#[test]
fn an_rlock_that_forgets_the_second_thread_hangs() {
    let broken =
        every_thread_gets_the_lock::<files::rlock_forgets_the_second::RLock, 2>;
    finds(sample(broken), "deadlock");
}

#[test]
fn an_rlock_with_if_for_while_lets_two_in() {
    let broken =
        every_thread_gets_the_lock::<files::rlock_if_for_while::RLock, 2>;
    finds(sample(broken), "NotOwner");
}

#[test]
fn an_rlock_without_the_owner_check_lets_two_in() {
    fails(one_at_a_time::<files::rlock_of_anybody::RLock>, "NotOwner");
}

#[test]
fn an_rlock_that_notifies_before_it_is_free_hangs() {
    fails(
        every_thread_gets_the_lock::<files::rlock_wakes_too_early::RLock, 1>,
        "deadlock",
    );
}

#[test]
fn an_rlock_whose_waiter_is_seen_too_late_hangs() {
    fails(
        every_thread_gets_the_lock::<files::rlock_waits_unseen::RLock, 1>,
        "deadlock",
    );
}

/// What the turns of the dialogue can do, whole or broken.
trait Talk: Send + Sync + 'static {
    const NEW: fn() -> Self;
    fn say(&self, mine: usize, line: impl FnOnce());
}

macro_rules! talk {
    ($($file:ident)*) => {$(
        impl Talk for files::$file::Turns {
            const NEW: fn() -> Self = Self::new;
            fn say(&self, mine: usize, line: impl FnOnce()) {
                self.take(mine, line);
            }
        }
    )*};
}

talk!(turns turns_if_for_while turns_wakes_one);

/// Each speaker has these turns: all lines come in their order.
fn in_order<T: Talk>(speakers: &[&'static [usize]]) {
    let turns = Arc::new(T::NEW());
    let lines = Arc::new(AtomicUsize::new(0));
    let speak = |mine: &'static [usize]| {
        let turns = turns.clone();
        let lines = lines.clone();
        move || {
            for &line in mine {
                turns.say(line, || {
                    assert_eq!(lines.fetch_add(1, SeqCst), line, "in order");
                });
            }
        }
    };
    let (first, others) = speakers.split_first().expect("one at least");
    let others = others.iter().map(|mine| thread::spawn(speak(mine)));
    let others: Vec<_> = others.collect();
    speak(first)();
    others.into_iter().for_each(|t| t.join().unwrap());
    assert_eq!(lines.load(SeqCst), speakers.iter().map(|s| s.len()).sum());
}

/// A dialogue as that of the lesson, but two lines shorter: they take turns,
/// then the buyer has two lines, and the seller as well.
fn dialogue<T: Talk>() {
    in_order::<T>(&[&[0, 2, 3], &[1, 4, 5]]);
}

fn three_speakers<T: Talk>() {
    in_order::<T>(&[&[2], &[1], &[0]]);
}

#[test]
fn the_dialogue_is_in_order_in_every_interleaving() {
    holds(dialogue::<files::turns::Turns>, 9_049);
}

#[test]
fn three_speakers_are_in_order_as_well() {
    holds(three_speakers::<files::turns::Turns>, 10_495);
}

#[test]
fn turns_with_if_for_while_are_taken_too_early() {
    fails(
        three_speakers::<files::turns_if_for_while::Turns>,
        "assertion `left == right` failed",
    );
}

#[test]
fn a_dialogue_with_if_for_while_goes_wrong() {
    fails(dialogue::<files::turns_if_for_while::Turns>, "in order");
}

#[test]
fn turns_that_wake_one_hang() {
    fails(three_speakers::<files::turns_wakes_one::Turns>, "deadlock");
}

/// What an Event can do, whole or broken.
trait Flag: Send + Sync + 'static {
    const NEW: fn() -> Self;
    fn raise(&self);
    fn lower(&self);
    fn await_it(&self);
}

macro_rules! flag {
    ($($file:ident)*) => {$(
        impl Flag for files::$file::Event {
            const NEW: fn() -> Self = Self::new;
            fn raise(&self) {
                self.set();
            }
            fn lower(&self) {
                self.clear();
            }
            fn await_it(&self) {
                self.wait();
            }
        }
    )*};
}

flag!(event event_wakes_too_early event_wakes_one);

/// One `set` releases two threads, in either order.
fn starting_gun<F: Flag>() {
    let gun = Arc::new(F::NEW());
    let runners = [(); 2].map(|()| {
        let gun = gun.clone();
        thread::spawn(move || gun.await_it())
    });
    gun.raise();
    runners.into_iter().for_each(|t| t.join().unwrap());
}

/// Two threads wake each other in turn, with an event each, as the lesson's
/// toggle does.
fn ping_pong<F: Flag>() {
    let events = Arc::new([F::NEW(), F::NEW()]);
    let other = events.clone();
    let answers = thread::spawn(move || {
        other[1].await_it();
        other[1].lower();
        other[0].raise();
        other[1].await_it();
    });
    events[1].raise();
    events[0].await_it();
    events[0].lower();
    events[1].raise();
    answers.join().unwrap();
}

#[test]
fn one_set_releases_all_in_every_interleaving() {
    holds(starting_gun::<files::event::Event>, 4_765);
}

#[test]
fn two_events_hand_over_forever() {
    holds(ping_pong::<files::event::Event>, 13_334);
}

#[test]
fn an_event_that_notifies_before_the_flag_is_set_hangs() {
    fails(starting_gun::<files::event_wakes_too_early::Event>, "deadlock");
}

#[test]
fn an_event_that_wakes_one_hangs() {
    fails(starting_gun::<files::event_wakes_one::Event>, "deadlock");
}
