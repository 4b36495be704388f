//! What lesson 9 and its Python twin must show, and what CPython's own tests
//! ask of an `RLock`, asked of ours.

#[path = "../lessons/lesson09_rlock/src/rlock.rs"]
mod rlock;

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use harness::{PartCheck, Run, lesson, twin};
use parking_lot::ReentrantMutex;
use shared::clock::thread_cpu_seconds;

use rlock::{NotOwner, RLock};

const PARTS: [PartCheck; 3] =
    [("rlock", rlock), ("self_deadlock", self_deadlock), ("inside", inside)];

fn rlock(run: &Run) {
    let found = run.exact(&[
        "{a} set number to 1",
        "{b} set number to 2",
        "{c} set number to 3",
        "{d} set number to 4",
        "{e} set number to 5",
    ]);
    let mut names = ["a", "b", "c", "d", "e"].map(|name| found.text(name));
    names.sort();
    let all = ["Thread-1", "Thread-2", "Thread-3", "Thread-4", "Thread-5"];
    assert_eq!(names, all, "each of them once");
}

fn self_deadlock(run: &Run) {
    let found = run.exact(&[
        "With a plain lock:",
        "{a} set number to 1",
        "{a} again, without waiting: no, after {*} s",
        "{a} again, within a second: no, after {first} s",
        "{b} set number to 2",
        "{b} again, without waiting: no, after {*} s",
        "{b} again, within a second: no, after {second} s",
        "With a reentrant lock:",
        "{c} set number to 1",
        "{c} again, without waiting: yes, after {*} s",
        "{c} again, within a second: yes, after {*} s",
        "{d} set number to 2",
        "{d} again, without waiting: yes, after {*} s",
        "{d} again, within a second: yes, after {*} s",
    ]);
    for [one, other] in [["a", "b"], ["c", "d"]] {
        let mut names = [found.text(one), found.text(other)];
        names.sort();
        assert_eq!(names, ["Thread-1", "Thread-2"]);
    }
    for wait in ["first", "second"] {
        assert!(found.number(wait) >= 0.045, "it waits for itself: {found:?}");
    }
}

fn inside(run: &Run) {
    run.exact(&[
        "Thread-1 acquire: the counter is 1",
        "Thread-1 acquire: the counter is 2",
        "Thread-2 release: cannot release un-acquired lock",
        "Thread-2 try_acquire: another thread holds it",
        "Thread-2 waits",
        "Thread-1 release: the counter is 1",
        "Thread-1 release: the counter is 0",
        "Thread-2 acquire: the counter is 1",
        "Thread-2 release: the counter is 0",
        "Thread-2 release: cannot release un-acquired lock",
    ]);
}

#[test]
fn no_thread_comes_in_between() {
    let run = lesson!().part("rlock");
    rlock(&run);
    assert!(run.seconds >= 0.045, "a nap of a second");
}

#[test]
fn a_thread_that_waits_for_itself_waits_in_vain() {
    let run = lesson!().part("self_deadlock");
    self_deadlock(&run);
    assert!(run.seconds >= 0.19, "each of the two waits for a second");
}

#[test]
fn the_other_thread_waits_until_the_counter_is_zero() {
    let run = lesson!().part("inside");
    inside(&run);
    assert!(run.seconds >= 0.12, "two seconds and a half");
}

// CPython's lock_tests.py, class BaseLockTests.

#[test]
fn a_lock_may_go_while_it_is_held() {
    let _free = RLock::new();
    let held = RLock::new();
    assert_eq!(held.acquire(), 1);
} // And both are gone.

#[test]
fn what_is_taken_can_be_given_back() {
    ends(|| {
        let lock = RLock::new();
        assert_eq!((lock.acquire(), lock.release()), (1, Ok(0)));
        assert_eq!((lock.try_acquire(), lock.release()), (Some(1), Ok(0)));
        assert_eq!((lock.acquire(), lock.release()), (1, Ok(0)));
    });
}

#[test]
fn another_thread_cannot_take_it() {
    ends(|| {
        let lock = RLock::new();
        lock.acquire();
        assert_eq!(in_thread(|| lock.try_acquire()), None);
        assert_eq!(lock.release(), Ok(0));
        assert_eq!(in_thread(|| lock.try_acquire()), Some(1));
    });
}

#[test]
fn five_wait_until_it_is_free() {
    ends(|| {
        let lock = RLock::new();
        let inside = AtomicUsize::new(0);
        lock.acquire();
        thread::scope(|s| {
            for _ in 0..5 {
                s.spawn(|| {
                    assert_eq!(lock.acquire(), 1);
                    inside.fetch_add(1, Relaxed);
                    assert_eq!(lock.release(), Ok(0));
                });
            }
            thread::sleep(Duration::from_millis(20));
            assert_eq!(inside.load(Relaxed), 0, "they are all outside");
            assert_eq!(lock.release(), Ok(0));
        });
        assert_eq!(inside.load(Relaxed), 5, "they all came in");
    });
}

#[test]
fn a_guard_gives_it_back_after_a_panic_too() {
    let lock = &ReentrantMutex::new(());
    drop(lock.lock());
    assert!(in_thread(|| lock.try_lock().is_some()));
    thread::scope(|s| {
        let thread = s.spawn(|| {
            let _guard = lock.lock();
            assert!(in_thread(|| lock.try_lock().is_none()), "it is taken");
            resume_unwind(Box::new("with the lock in hand"));
        });
        assert!(thread.join().is_err(), "it panicked");
    });
    assert!(in_thread(|| lock.try_lock().is_some()));
}

#[test]
fn a_lock_remembers_no_thread_that_gave_it_back() {
    ends(|| {
        let lock = RLock::new();
        for _ in 0..15 {
            let steps = in_thread(|| (lock.acquire(), lock.release()));
            assert_eq!(steps, (1, Ok(0)));
        }
    });
}

#[test]
fn a_wait_with_a_timeout_ends() {
    ends(|| {
        let lock = RLock::new();
        assert_eq!(lock.acquire_timeout(Duration::MAX), Some(1));
        assert_eq!(lock.acquire_timeout(Duration::ZERO), Some(2));
        let limit = Duration::from_millis(50);
        let (taken, waited) = in_thread(|| {
            let begin = Instant::now();
            (lock.acquire_timeout(limit), begin.elapsed())
        });
        assert_eq!(taken, None);
        assert!(waited >= limit, "not before: {waited:?}");
        assert_eq!((lock.release(), lock.release()), (Ok(1), Ok(0)));
        assert_eq!(in_thread(|| lock.acquire_timeout(limit)), Some(1));
    });
}

#[test]
fn a_wait_with_a_timeout_ends_early_when_it_is_free() {
    ends(|| {
        let lock = RLock::new();
        let asks = Barrier::new(2);
        lock.acquire();
        thread::scope(|s| {
            let waiter = s.spawn(|| {
                asks.wait();
                lock.acquire_timeout(Duration::MAX)
            });
            asks.wait();
            thread::sleep(Duration::from_millis(20));
            assert_eq!(lock.release(), Ok(0));
            assert_eq!(waiter.join().unwrap(), Some(1));
        });
    });
}

// CPython's lock_tests.py, class RLockTests.

#[test]
fn the_owner_takes_it_again_and_the_counter_counts() {
    ends(|| {
        let lock = RLock::new();
        assert_eq!((lock.acquire(), lock.acquire()), (1, 2));
        assert_eq!((lock.try_acquire(), lock.release()), (Some(3), Ok(2)));
        assert_eq!((lock.acquire(), lock.release()), (3, Ok(2)));
        assert_eq!((lock.release(), lock.release()), (Ok(1), Ok(0)));
        assert_eq!(in_thread(|| lock.acquire()), 1);
    });
}

#[test]
fn a_free_lock_cannot_be_released() {
    ends(|| {
        let lock = RLock::new();
        assert_eq!(lock.release(), Err(NotOwner));
        assert_eq!((lock.acquire(), lock.acquire()), (1, 2));
        assert_eq!((lock.release(), lock.release()), (Ok(1), Ok(0)));
        assert_eq!(lock.release(), Err(NotOwner));
    });
    assert_eq!(NotOwner.to_string(), "cannot release un-acquired lock");
}

#[test]
fn only_its_owner_can_release_it() {
    ends(|| {
        let lock = RLock::new();
        lock.acquire();
        lock.acquire();
        assert_eq!(in_thread(|| lock.release()), Err(NotOwner));
        assert_eq!(lock.release(), Ok(1), "the counter is what it was");
        assert_eq!(in_thread(|| lock.release()), Err(NotOwner));
        assert_eq!(lock.release(), Ok(0));
        assert_eq!(in_thread(|| lock.release()), Err(NotOwner));
    });
}

// And what they do not ask.

#[test]
fn only_the_last_release_lets_another_in() {
    ends(|| {
        let lock = RLock::new();
        for counter in 1..=3 {
            assert_eq!(lock.acquire(), counter);
        }
        for counter in [2, 1] {
            assert_eq!(lock.release(), Ok(counter));
            assert_eq!(in_thread(|| lock.try_acquire()), None);
        }
        assert_eq!(lock.release(), Ok(0));
        assert_eq!(in_thread(|| lock.try_acquire()), Some(1));
    });
}

#[test]
fn no_update_is_lost_and_no_thread_is_forgotten() {
    ends(|| {
        let lock = RLock::new();
        let number = AtomicUsize::new(0);
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..5_000 {
                        assert_eq!((lock.acquire(), lock.acquire()), (1, 2));
                        let old = number.load(Relaxed);
                        assert_eq!(lock.release(), Ok(1));
                        number.store(old + 1, Relaxed);
                        assert_eq!(lock.release(), Ok(0));
                    }
                });
            }
        });
        assert_eq!(number.load(Relaxed), 20_000);
    });
}

#[test]
fn nobody_inherits_a_lock() {
    ends(|| {
        let lock = RLock::new();
        assert_eq!(in_thread(|| lock.acquire()), 1); // Its owner has ended.
        for _ in 0..15 {
            assert_eq!(in_thread(|| lock.try_acquire()), None);
            assert_eq!(in_thread(|| lock.release()), Err(NotOwner));
        }
    });
}

#[test]
fn two_reentrant_locks_in_opposite_order_still_deadlock() {
    let a = &ReentrantMutex::new(());
    let b = &ReentrantMutex::new(());
    let each_holds_one = &Barrier::new(2);
    let got_both = thread::scope(|s| {
        let threads = [(a, b), (b, a)].map(|(mine, other)| {
            s.spawn(move || {
                let _mine = mine.lock();
                each_holds_one.wait();
                other.try_lock_for(Duration::from_millis(20)).is_some()
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert_ne!(got_both, [true, true], "one of them had to give up");
}

#[test]
fn a_thread_that_waits_sleeps() {
    // Of several tries one is enough: a busy machine wakes it up as well.
    let sleeps = || {
        let lock = RLock::new();
        let asks = Barrier::new(2);
        lock.acquire();
        thread::scope(|s| {
            let waiter = s.spawn(|| {
                asks.wait();
                let cpu = thread_cpu_seconds();
                let begin = Instant::now();
                lock.acquire();
                let waited = begin.elapsed().as_secs_f64();
                (thread_cpu_seconds() - cpu) / waited
            });
            asks.wait();
            thread::sleep(Duration::from_millis(100));
            assert_eq!(lock.release(), Ok(0));
            waiter.join().unwrap() < 0.02
        })
    };
    ends(move || assert!((0..5).any(|_| sleeps()), "it waits and works"));
}

#[test]
fn a_second_borrow_of_what_is_inside_is_refused() {
    let lock = ReentrantMutex::new(RefCell::new(0));
    let outer = lock.lock();
    let inner = lock.lock();
    let number = outer.borrow_mut();
    assert!(inner.try_borrow_mut().is_err(), "at run time");
    drop(number);
    assert!(inner.try_borrow_mut().is_ok());
}

/// Runs it in another thread, and returns what it returned.
fn in_thread<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|s| s.spawn(run).join().unwrap())
}

/// Runs a test that could hang, and fails if it does.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (end, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        let _end = end; // Dropped at the end, whatever comes.
        test();
    });
    let end = ended.recv_timeout(Duration::from_secs(20));
    assert_ne!(end, Err(RecvTimeoutError::Timeout), "it hangs");
    thread.join().unwrap_or_else(|panic| resume_unwind(panic));
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
