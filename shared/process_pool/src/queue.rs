//! The jobs that wait, and the workers' processes: all feeders share these.

use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};

use crate::result::Error;

/// One task, or one chunk of a `map`.
pub struct Job {
    pub id: u64,
    pub name: &'static str,
    pub message: Vec<u8>,
    /// How many workers it has killed.
    pub deaths: u32,
    pub done: Done,
}

/// Takes the results, or the error in their place.
pub type Done = Box<dyn FnOnce(Result<&[u8], Error>) + Send>;

pub struct JobQueue {
    state: Mutex<State>,
    changed: Condvar,
    /// How many jobs were accepted and have no result yet.
    pending: AtomicUsize,
}

struct State {
    phase: Phase,
    waiting: VecDeque<Job>,
    workers: Vec<Option<Child>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Running,
    Closed,
    /// Nothing more will be done, for this reason.
    Ended(Error),
}

impl JobQueue {
    pub fn new(size: usize) -> Self {
        let state = State {
            phase: Phase::Running,
            waiting: VecDeque::new(),
            workers: (0..size).map(|_| None).collect(),
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            pending: AtomicUsize::new(0),
        }
    }

    /// Keeps the process of a worker; kills it if the pool has ended.
    pub fn attach_worker(&self, index: usize, mut worker: Child) {
        let mut guard = self.state.lock().unwrap();
        if let Phase::Ended(_) = guard.phase {
            let _ = worker.kill();
        }
        guard.workers[index] = Some(worker);
    }

    pub fn detach_worker(&self, index: usize) -> Option<Child> {
        self.state.lock().unwrap().workers[index].take()
    }

    pub fn pids(&self) -> Vec<u32> {
        let guard = self.state.lock().unwrap();
        guard.workers.iter().flatten().map(Child::id).collect()
    }

    /// Accepts `count` jobs, which `submit` or `complete` must follow.
    pub fn reserve(&self, count: usize) -> Result<(), Error> {
        let guard = self.state.lock().unwrap();
        if guard.phase != Phase::Running {
            return Err(Error::Closed);
        }
        self.pending.fetch_add(count, SeqCst);
        Ok(())
    }

    pub fn submit(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut guard = self.state.lock().unwrap();
        guard.waiting.extend(jobs);
        self.wake(&guard);
    }

    /// Puts jobs back to the front of the queue.
    pub fn put_back(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut guard = self.state.lock().unwrap();
        for (at, job) in jobs.into_iter().enumerate() {
            guard.waiting.insert(at, job);
        }
        self.wake(&guard);
    }

    fn wake(&self, state: &State) {
        match state.waiting.len() {
            0 => {}
            1 => self.changed.notify_one(),
            _ => self.changed.notify_all(),
        }
    }

    // ANCHOR: next
    /// The next jobs for a worker that has `in_flight` and may have `window`.
    /// Waits if it has none; an empty answer then means that none will come.
    pub fn next(&self, window: usize, in_flight: usize) -> Vec<Job> {
        let mut guard = self.state.lock().unwrap();
        while in_flight == 0
            && guard.waiting.is_empty()
            && !self.is_over(&guard)
        {
            guard = self.changed.wait(guard).unwrap();
        }
        // Towards the end each worker gets its share.
        let share = guard.waiting.len().div_ceil(guard.workers.len());
        let count = window.saturating_sub(in_flight).min(share);
        guard.waiting.drain(..count).collect()
    }
    // ANCHOR_END: next

    pub fn close(&self) {
        let mut guard = self.state.lock().unwrap();
        if guard.phase == Phase::Running {
            guard.phase = Phase::Closed;
        }
        self.changed.notify_all();
    }

    pub fn is_running(&self) -> bool {
        self.state.lock().unwrap().phase == Phase::Running
    }

    /// The reason, if the pool has ended.
    pub fn check_running(&self) -> Result<(), Error> {
        match &self.state.lock().unwrap().phase {
            Phase::Ended(why) => Err(why.clone()),
            _ => Ok(()),
        }
    }

    /// Kills all workers. The jobs that wait fail.
    pub fn terminate(&self, why: &Error) {
        let mut guard = self.state.lock().unwrap();
        guard.phase = Phase::Ended(why.clone());
        let jobs = mem::take(&mut guard.waiting);
        for worker in guard.workers.iter_mut().flatten() {
            // It may have exited by itself; its feeder reaps it.
            let _ = worker.kill();
        }
        self.changed.notify_all();
        drop(guard);
        self.fail(jobs, why);
    }

    pub fn fail(&self, jobs: impl IntoIterator<Item = Job>, why: &Error) {
        for job in jobs {
            self.complete(job, Err(why.clone()));
        }
    }

    fn is_over(&self, state: &State) -> bool {
        match state.phase {
            Phase::Running => false,
            Phase::Closed => self.pending.load(SeqCst) == 0,
            Phase::Ended(_) => true,
        }
    }

    pub fn complete(&self, job: Job, result: Result<&[u8], Error>) {
        isolate(|| (job.done)(result));
        if self.pending.fetch_sub(1, SeqCst) == 1 {
            let _guard = self.state.lock().unwrap();
            self.changed.notify_all();
        }
    }
}

/// Runs a caller's code; its panic must not end the thread that runs it.
pub fn isolate(code: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(code));
}

/// The workers of a pool that could not start have no feeder to reap them.
impl Drop for JobQueue {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap();
        for worker in state.workers.iter_mut().flatten() {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}
