//! The gate before each step, and what a thread may wait for at it.

use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{Location, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// Where a thread is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Position {
    /// Before a step: its line in the source, and what the thread has to wait
    /// for, if it cannot take the step now.
    Gate {
        /// The line in the source, counted from 1.
        line: u32,
        /// Something that another thread has to do first.
        waits_for: Option<String>,
    },
    /// At its end.
    Finished,
}

impl Position {
    /// The line of the step that the thread can take, or why it can take none.
    pub(super) fn ready_line(&self) -> Result<u32, String> {
        match self {
            Self::Gate { line, waits_for: None } => Ok(*line),
            Self::Gate { waits_for: Some(what), .. } => {
                Err(format!("waits for {what}"))
            }
            Self::Finished => Err("has finished".into()),
        }
    }
}

/// A message to a thread at its gate.
pub(super) enum Turn {
    /// Report again whether the step could be taken.
    Poll,
    /// Take the step, and go to the next gate.
    Go,
}

/// The message of a thread that has come to a gate, or to its end.
pub(super) struct Report {
    pub position: Position,
    /// What the step before it did.
    pub did: String,
}

/// The payload of a thread that unwinds because the schedule ends before it.
pub(super) struct EndOfSchedule;

/// One thread of a [`Program`](super::Program). Each of its steps waits here
/// for its turn.
///
/// What a thread does must depend only on what its steps have returned.
pub struct Thread {
    name: &'static str,
    pub(super) turns: Receiver<Turn>,
    reports: Sender<Report>,
    pub(super) did: RefCell<String>,
}

impl Thread {
    pub(super) fn new(
        name: &'static str,
        turns: Receiver<Turn>,
        reports: Sender<Report>,
    ) -> Self {
        Self { name, turns, reports, did: RefCell::default() }
    }

    /// A step that never waits for another thread.
    ///
    /// See [the module](super) for an example.
    #[track_caller]
    pub fn step<T: Debug>(&self, action: impl FnOnce() -> T) -> T {
        self.gate(|| None);
        let value = action();
        self.did.replace(format!("{value:?}"));
        value
    }

    /// A step that waits for something else while `is_ready` is false. The
    /// action must not block when it is true.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    /// use shared::schedule::Thread;
    ///
    /// fn wait_for(me: &Thread, flag: &AtomicBool) {
    ///     me.step_when("the flag", || flag.load(Relaxed), || ());
    /// }
    /// ```
    #[track_caller]
    pub fn step_when<T>(
        &self,
        waits_for: &str,
        is_ready: impl Fn() -> bool,
        action: impl FnOnce() -> T,
    ) -> T {
        self.gate(|| (!is_ready()).then(|| waits_for.into()));
        action()
    }

    /// A step that acquires a lock.
    ///
    /// ```
    /// use shared::schedule::{Lock, Thread};
    ///
    /// fn deposit(me: &Thread, balance: &Lock<i64>) {
    ///     let mut guard = me.lock(balance);
    ///     me.step(|| *guard += 5);
    /// }
    /// ```
    #[track_caller]
    pub fn lock<'a, T>(&self, lock: &'a Lock<T>) -> MutexGuard<'a, T> {
        self.gate(|| lock.holder().map(|holder| lock.held_by(holder)));
        lock.acquire(self.name)
    }

    /// Two steps, as the standard library's `wait` has inside: the thread
    /// releases the lock and blocks; when it was notified and the lock is
    /// free, it wakes up and acquires the lock again.
    ///
    /// ```
    /// use shared::schedule::{Condvar, Lock, Thread};
    ///
    /// fn buyer(me: &Thread, sent: &Lock<bool>, changed: &Condvar) {
    ///     let mut guard = me.lock(sent);
    ///     while !*guard {
    ///         guard = me.wait(changed, sent, guard);
    ///     }
    /// }
    /// ```
    #[track_caller]
    pub fn wait<'a, T>(
        &self,
        condvar: &Condvar,
        lock: &'a Lock<T>,
        guard: MutexGuard<'a, T>,
    ) -> MutexGuard<'a, T> {
        self.gate(|| None);
        let notified = condvar.notified.load(Relaxed);
        drop(guard);
        self.did.replace("releases the lock and waits".into());
        self.gate(|| match lock.holder() {
            _ if condvar.notified.load(Relaxed) == notified => {
                Some("a notify".into())
            }
            Some(holder) => Some(lock.held_by(holder)),
            None => None,
        });
        self.did.replace("wakes up with the lock".into());
        lock.acquire(self.name)
    }

    /// Waits for this thread's turn, and reports what it waits for each time
    /// it is polled.
    #[track_caller]
    fn gate(&self, waits_for: impl Fn() -> Option<String>) {
        let line = Location::caller().line();
        loop {
            let waits_for = waits_for();
            self.report(Position::Gate { line, waits_for });
            match self.turns.recv() {
                Ok(Turn::Poll) => {}
                Ok(Turn::Go) => return,
                Err(_) => resume_unwind(Box::new(EndOfSchedule)),
            }
        }
    }

    pub(super) fn report(&self, position: Position) {
        let did = self.did.take();
        let _ = self.reports.send(Report { position, did });
    }
}

/// A mutex that has a name, and knows the thread that holds it.
///
/// ```
/// let lock = shared::schedule::Lock::new("A", ());
/// assert_eq!(lock.to_string(), "A is free");
/// ```
pub struct Lock<T> {
    name: &'static str,
    mutex: Mutex<T>,
    last_holder: Mutex<&'static str>,
}

impl<T> Lock<T> {
    /// A lock that is free.
    pub const fn new(name: &'static str, value: T) -> Self {
        let last_holder = Mutex::new("");
        Self { name, mutex: Mutex::new(value), last_holder }
    }

    fn acquire(&self, thread: &'static str) -> MutexGuard<'_, T> {
        let guard = self.mutex.lock().unwrap();
        *self.last_holder.lock().unwrap() = thread;
        guard
    }

    /// The thread that holds it.
    fn holder(&self) -> Option<&'static str> {
        match self.mutex.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Some(*self.last_holder.lock().unwrap())
            }
            _ => None,
        }
    }

    fn held_by(&self, holder: &str) -> String {
        format!("{}, which {holder} holds", self.name)
    }
}

impl<T> std::fmt::Display for Lock<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.holder() {
            Some(holder) => write!(f, "{} is held by {holder}", self.name),
            None => write!(f, "{} is free", self.name),
        }
    }
}

/// A condition variable for one waiting thread: it counts the notifications.
#[derive(Default)]
pub struct Condvar {
    notified: AtomicU32,
}

impl Condvar {
    /// Wakes up the thread that waits, if one waits. A thread that
    /// waits later does not see it.
    ///
    /// ```
    /// shared::schedule::Condvar::default().notify_one();
    /// ```
    pub fn notify_one(&self) {
        self.notified.fetch_add(1, Relaxed);
    }
}
