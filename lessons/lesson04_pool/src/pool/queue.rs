//! What all feeders share: the jobs that wait, and who may have the next one.

use std::collections::VecDeque;
use std::mem;
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard};

use super::result::{Error, Loss};

/// One task, or one chunk of a `map`, on its way.
pub struct Job {
    pub id: u64,
    pub name: &'static str,
    pub frame: Vec<u8>,
    /// How many workers died of it.
    pub deaths: u32,
    pub done: Done,
}

/// What to do with the results, or with what there is instead.
pub type Done = Box<dyn FnOnce(Result<&[u8], Error>) + Send>;

/// What all feeders share with the pool.
pub struct Shared {
    state: Mutex<State>,
    /// One for each feeder: something has come for it.
    wake: Vec<Condvar>,
    /// How many jobs have come and are not done.
    open: AtomicUsize,
    on_loss: Mutex<OnLoss>,
}

pub type OnLoss = Box<dyn Fn(&Loss) + Send>;

struct State {
    phase: Phase,
    queue: VecDeque<Job>,
    slots: Vec<Slot>,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Running,
    Closed,
    /// Nothing more will be done; the error says why.
    Over(Error),
}

/// A worker's place in the pool.
struct Slot {
    worker: Option<Child>,
    /// Given to this worker because it was idle.
    dealt: Option<Job>,
    idle: bool,
}

impl Shared {
    pub fn new(size: usize) -> Self {
        let empty = |_| Slot { worker: None, dealt: None, idle: true };
        let slots = (0..size).map(empty).collect();
        let (phase, queue) = (Phase::Running, VecDeque::new());
        let say = |loss: &Loss| eprintln!("{loss}");
        Self {
            state: Mutex::new(State { phase, queue, slots }),
            wake: (0..size).map(|_| Condvar::new()).collect(),
            open: AtomicUsize::new(0),
            on_loss: Mutex::new(Box::new(say)),
        }
    }

    pub fn size(&self) -> usize {
        self.wake.len()
    }

    pub fn on_loss(&self, tell: OnLoss) {
        *self.on_loss.lock().unwrap() = tell;
    }

    pub fn tell(&self, loss: &Loss) {
        (self.on_loss.lock().unwrap())(loss);
    }

    /// A worker takes its place; it may be too late for it.
    pub fn moves_in(&self, me: usize, mut worker: Child) {
        let mut state = self.state.lock().unwrap();
        if let Phase::Over(_) = state.phase {
            let _ = worker.kill();
        }
        state.slots[me].worker = Some(worker);
    }

    pub fn moves_out(&self, me: usize) -> Option<Child> {
        self.state.lock().unwrap().slots[me].worker.take()
    }

    pub fn pids(&self) -> Vec<u32> {
        let state = self.state.lock().unwrap();
        let workers = state.slots.iter().filter_map(|s| s.worker.as_ref());
        workers.map(Child::id).collect()
    }

    /// Takes `count` jobs that are about to come.
    ///
    /// # Errors
    ///
    /// When the pool is closed or over.
    pub fn open(&self, count: usize) -> Result<(), Error> {
        let state = self.state.lock().unwrap();
        if state.phase != Phase::Running {
            return Err(Error::Closed);
        }
        self.open.fetch_add(count, SeqCst);
        Ok(())
    }

    /// Queues the jobs that `open` has taken.
    pub fn submit(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut state = self.state.lock().unwrap();
        state.queue.extend(jobs);
        self.deal(state);
    }

    /// Gives one job each to the workers that are idle: while one of them is,
    /// no job waits in the queue.
    fn deal(&self, mut state: MutexGuard<'_, State>) {
        if let Phase::Over(why) = &state.phase {
            let why = why.clone();
            let jobs = mem::take(&mut state.queue);
            drop(state);
            return self.fail(jobs, &why);
        }
        let State { queue, slots, .. } = &mut *state;
        for (slot, wake) in slots.iter_mut().zip(&self.wake) {
            if slot.idle && !queue.is_empty() {
                slot.dealt = queue.pop_front();
                slot.idle = false;
                wake.notify_one();
            }
        }
    }

    pub fn close(&self) {
        let mut state = self.state.lock().unwrap();
        if state.phase == Phase::Running {
            state.phase = Phase::Closed;
        }
        self.wake_all();
    }

    pub fn is_open(&self) -> bool {
        self.state.lock().unwrap().phase == Phase::Running
    }

    /// Ends all workers at once; what is not done, is not done.
    pub fn terminate(&self, why: &Error) {
        let mut state = self.state.lock().unwrap();
        state.phase = Phase::Over(why.clone());
        let mut jobs = mem::take(&mut state.queue);
        for slot in &mut state.slots {
            jobs.extend(slot.dealt.take());
            if let Some(worker) = &mut slot.worker {
                // It may have ended by itself; its feeder waits for it.
                let _ = worker.kill();
            }
        }
        self.wake_all();
        drop(state);
        self.fail(jobs, why);
    }

    /// # Errors
    ///
    /// When the pool is over: why it is.
    pub fn goes_on(&self) -> Result<(), Error> {
        match &self.state.lock().unwrap().phase {
            Phase::Over(why) => Err(why.clone()),
            _ => Ok(()),
        }
    }

    pub fn fail(&self, jobs: impl IntoIterator<Item = Job>, why: &Error) {
        for job in jobs {
            self.finish(job, Err(why.clone()));
        }
    }

    /// Hands over the result. A callback that panics harms nobody else.
    pub fn finish(&self, job: Job, result: Result<&[u8], Error>) {
        use std::panic::{AssertUnwindSafe, catch_unwind};
        let _ = catch_unwind(AssertUnwindSafe(|| (job.done)(result)));
        if self.open.fetch_sub(1, SeqCst) == 1 {
            let _state = self.state.lock().unwrap();
            self.wake_all();
        }
    }

    fn wake_all(&self) {
        self.wake.iter().for_each(Condvar::notify_one);
    }

    /// Puts jobs back to the front of the queue.
    pub fn put_back(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut state = self.state.lock().unwrap();
        for (at, job) in jobs.into_iter().enumerate() {
            state.queue.insert(at, job);
        }
        self.deal(state);
    }

    // ANCHOR: next
    /// The next jobs for this worker. Waits for one when it has nothing to
    /// do; none means that nothing more will come.
    pub fn next(&self, me: usize, window: usize, under_way: usize) -> Vec<Job> {
        let mut state = self.state.lock().unwrap();
        while under_way == 0 && !state.has_job(me) && !self.ends(&state) {
            state.slots[me].idle = true;
            state = self.wake[me].wait(state).unwrap();
        }
        let slot = &mut state.slots[me];
        slot.idle = false;
        let mut jobs = Vec::from_iter(slot.dealt.take());
        // Towards the end everybody gets a share.
        let share = state.queue.len().div_ceil(self.size());
        let room = window.saturating_sub(under_way + jobs.len()).min(share);
        jobs.extend(state.queue.drain(..room));
        jobs
    }
    // ANCHOR_END: next

    fn ends(&self, state: &State) -> bool {
        match state.phase {
            Phase::Running => false,
            Phase::Closed => self.open.load(SeqCst) == 0,
            Phase::Over(_) => true,
        }
    }
}

/// Nobody feeds these workers any more: the pool could not be started.
impl Drop for Shared {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap();
        for worker in state.slots.iter_mut().filter_map(|s| s.worker.as_mut()) {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

impl State {
    fn has_job(&self, me: usize) -> bool {
        self.slots[me].dealt.is_some() || !self.queue.is_empty()
    }
}
