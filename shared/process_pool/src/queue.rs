//! The jobs that wait, and the workers' processes: all feeders share these.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::{io, mem};

use crate::result::{Error, WorkerDeath, isolate};

/// One task, or one chunk of a `map`.
pub struct Job {
    pub task: &'static str,
    pub message: Vec<u8>,
    /// Its index among the chunks.
    pub index: usize,
    /// How many workers it has killed.
    pub deaths: u32,
    pub sink: Arc<Sink>,
}

/// Takes the serialized results of a job, or the error in their place.
pub type Sink = dyn Fn(&Job, Result<&[u8], Error>) + Send + Sync;

impl Job {
    pub fn complete(&self, results: Result<&[u8], Error>) {
        (self.sink)(self, results);
    }
}

/// How the pool starts workers, and what it calls when one dies.
pub struct Hooks {
    pub command: Box<dyn Fn(usize) -> io::Result<Command> + Send + Sync>,
    pub on_death: Box<dyn Fn(&WorkerDeath) + Send + Sync>,
}

pub struct JobQueue {
    pub hooks: Hooks,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: VecDeque<Job>,
    /// How many feeders have jobs, or have not come for any yet.
    busy: usize,
    workers: Vec<Option<Child>>,
    /// Whether the pool takes no more jobs.
    closed: bool,
    /// Why nothing more will be done.
    ended: Option<Error>,
}

impl JobQueue {
    pub fn new(size: usize, hooks: Hooks) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            busy: size,
            workers: (0..size).map(|_| None).collect(),
            closed: false,
            ended: None,
        };
        Self { hooks, state: Mutex::new(state), changed: Condvar::new() }
    }

    pub fn submit(
        &self,
        jobs: impl IntoIterator<Item = Job>,
    ) -> Result<(), Error> {
        let mut guard = self.state.lock().unwrap();
        if guard.closed {
            return Err(Error::Closed);
        }
        guard.waiting.extend(jobs);
        self.wake(&guard);
        Ok(())
    }

    /// Puts jobs back to the front of the queue.
    pub fn put_back(&self, jobs: VecDeque<Job>) {
        let mut guard = self.state.lock().unwrap();
        for job in jobs.into_iter().rev() {
            guard.waiting.push_front(job);
        }
        self.wake(&guard);
    }

    fn wake(&self, state: &State) {
        if state.busy < state.workers.len() {
            match state.waiting.len() {
                1 => self.changed.notify_one(),
                _ => self.changed.notify_all(),
            }
        }
    }

    /// Waits for jobs, and takes at most `most` of them. There will be none if
    /// the pool is closed and no feeder has jobs that it may put back.
    pub fn next(&self, most: usize) -> Option<VecDeque<Job>> {
        let mut guard = self.state.lock().unwrap();
        guard.busy -= 1;
        while guard.waiting.is_empty() && !guard.is_over() {
            guard = self.changed.wait(guard).unwrap();
        }
        if guard.waiting.is_empty() {
            self.changed.notify_all();
            return None;
        }
        guard.busy += 1;
        // Towards the end each worker gets its share.
        let share = guard.waiting.len().div_ceil(guard.workers.len());
        Some(guard.waiting.drain(..share.min(most)).collect())
    }

    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.changed.notify_all();
    }

    pub fn is_closed(&self) -> bool {
        self.state.lock().unwrap().closed
    }

    /// Kills all workers. The jobs that wait fail, for the first reason.
    pub fn terminate(&self, why: &Error) {
        let mut guard = self.state.lock().unwrap();
        guard.closed = true;
        let why = guard.ended.get_or_insert_with(|| why.clone()).clone();
        let jobs = mem::take(&mut guard.waiting);
        for worker in guard.workers.iter_mut().flatten() {
            // It may have exited by itself; its feeder reaps it.
            let _ = worker.kill();
        }
        self.changed.notify_all();
        drop(guard);
        for job in jobs {
            job.complete(Err(why.clone()));
        }
    }

    /// Starts a worker, unless the pool has ended. Returns its pid.
    pub fn spawn(&self, index: usize, stdin: OwnedFd) -> Result<u32, Error> {
        let command = isolate(|| (self.hooks.command)(index));
        let panicked = || Err(io::Error::other("its `command` panicked"));
        let mut command = command.unwrap_or_else(panicked)?;
        let mut guard = self.state.lock().unwrap();
        if let Some(why) = &guard.ended {
            return Err(why.clone());
        }
        let worker = command.stdin(stdin).spawn()?;
        Ok(guard.workers[index].insert(worker).id())
    }

    /// The process of a worker: its feeder waits for it without the lock.
    pub fn take_worker(&self, index: usize) -> Option<Child> {
        self.state.lock().unwrap().workers[index].take()
    }

    pub fn pids(&self) -> Vec<u32> {
        let guard = self.state.lock().unwrap();
        guard.workers.iter().flatten().map(Child::id).collect()
    }
}

impl State {
    fn is_over(&self) -> bool {
        self.ended.is_some() || self.closed && self.busy == 0
    }
}
