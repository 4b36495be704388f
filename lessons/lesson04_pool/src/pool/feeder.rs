//! The pool's side: one thread for each worker, which feeds it with tasks,
//! reads what comes back, and puts another worker in its place when it dies.

use std::collections::VecDeque;
use std::io::{BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;
use std::{io, mem};

use super::link;
use super::result::{Error, Loss};
use super::wire::{self, Bytes, Kind};

/// The role of a worker among the lesson's children.
pub const ROLE: &str = "worker";

/// A task that has killed this many workers is given up.
const DEATHS: u32 = 3;

/// What a worker gets at once are tasks for about this long, judged by the
/// last one: slow tasks come one by one, of the quick ones many are under way.
const AHEAD: Duration = Duration::from_millis(1);

/// But never more than this many.
const MOST: usize = 64;

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

    pub fn pids(&self) -> Vec<u32> {
        let state = self.state.lock().unwrap();
        let workers = state.slots.iter().filter_map(|s| s.worker.as_ref());
        workers.map(Child::id).collect()
    }

    // ANCHOR: submit
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
    // ANCHOR_END: submit

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
    fn goes_on(&self) -> Result<(), Error> {
        match &self.state.lock().unwrap().phase {
            Phase::Over(why) => Err(why.clone()),
            _ => Ok(()),
        }
    }

    fn fail(&self, jobs: impl IntoIterator<Item = Job>, why: &Error) {
        for job in jobs {
            self.finish(job, Err(why.clone()));
        }
    }

    /// Hands over the result. A callback that panics harms nobody else.
    fn finish(&self, job: Job, result: Result<&[u8], Error>) {
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

    // ANCHOR: next
    /// The next jobs for this worker. Waits for one when it has nothing to
    /// do; none means that nothing more will come.
    fn next(&self, me: usize, window: usize, under_way: usize) -> Vec<Job> {
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

impl State {
    fn has_job(&self, me: usize) -> bool {
        self.slots[me].dealt.is_some() || !self.queue.is_empty()
    }
}

/// A worker as its feeder sees it.
pub struct Worker {
    pid: u32,
    reader: BufReader<UnixStream>,
}

impl Worker {
    /// Starts the worker of a slot.
    ///
    /// # Errors
    ///
    /// When the process cannot be started.
    pub fn start(shared: &Shared, me: usize) -> io::Result<Self> {
        let command = shared::child(ROLE, [(me + 1).to_string()])?;
        let (mut child, socket) = link::start(command)?;
        let mut state = shared.state.lock().unwrap();
        if let Phase::Over(_) = state.phase {
            let _ = child.kill();
        }
        let pid = child.id();
        state.slots[me].worker = Some(child);
        let reader = BufReader::with_capacity(1 << 16, socket);
        Ok(Self { pid, reader })
    }

    /// Waits until the worker is there.
    ///
    /// # Errors
    ///
    /// When it ends before it says hello.
    pub fn hello(&mut self) -> io::Result<()> {
        let (kind, pid) = wire::read(&mut self.reader, &mut Vec::new())?;
        let right = kind == Kind::Hello && pid == u64::from(self.pid);
        right.then_some(()).ok_or_else(|| io::Error::other("no hello"))
    }

    /// Lets the worker end, and waits until it has. It ends by itself when
    /// the socket is closed; one that speaks nonsense is killed.
    fn bury(&mut self, shared: &Shared, me: usize) -> Option<ExitStatus> {
        let worker = shared.state.lock().unwrap().slots[me].worker.take();
        let _ = self.reader.get_ref().shutdown(Shutdown::Both);
        let status = worker.and_then(|mut worker| worker.wait().ok());
        shared::timeline::ended(self.pid);
        status
    }

    /// Writes these jobs in one go.
    fn send(&mut self, jobs: &[Job]) -> io::Result<()> {
        let socket = self.reader.get_mut();
        if let [job] = jobs {
            return socket.write_all(&job.frame);
        }
        let frames: Vec<_> = jobs.iter().map(|job| &job.frame[..]).collect();
        socket.write_all(&frames.concat())
    }
}

/// The thread of one worker.
pub struct Feeder<'a> {
    shared: &'a Shared,
    me: usize,
    worker: Worker,
    /// What the worker has and has not answered, in the order of its work.
    under_way: VecDeque<Job>,
    /// How many that may be.
    window: usize,
}

impl<'a> Feeder<'a> {
    pub fn new(shared: &'a Shared, me: usize, worker: Worker) -> Self {
        Self { shared, me, worker, under_way: VecDeque::new(), window: 1 }
    }

    // ANCHOR: run
    /// Feeds the worker until the pool is closed and all is done, or over.
    pub fn run(&mut self) {
        loop {
            let before = self.under_way.len();
            let mut dead_before = false;
            if before <= self.window / 2 {
                let jobs = self.shared.next(self.me, self.window, before);
                if before == 0 && jobs.is_empty() {
                    break;
                }
                let sent = self.worker.send(&jobs);
                self.under_way.extend(jobs);
                dead_before = sent.is_err() && before == 0;
            }
            if (dead_before || self.listen().is_err())
                && self.replace(dead_before).is_err()
            {
                break;
            }
        }
        self.worker.bury(self.shared, self.me);
    }
    // ANCHOR_END: run

    /// Reads one answer, and whatever else has come.
    fn listen(&mut self) -> io::Result<()> {
        let mut body = Vec::new();
        loop {
            let (kind, id) = wire::read(&mut self.worker.reader, &mut body)?;
            if kind != Kind::Hello {
                let at = self.under_way.iter().position(|job| job.id == id);
                let job = at.and_then(|at| self.under_way.remove(at));
                let job = job.ok_or_else(|| io::Error::other("whose?"))?;
                self.answer(job, kind, &body);
            }
            if self.worker.reader.buffer().is_empty() {
                return Ok(());
            }
        }
    }

    fn answer(&mut self, job: Job, kind: Kind, mut body: &[u8]) {
        match kind {
            Kind::Done => {
                let micros = u64::take(&mut body).unwrap_or(u64::MAX);
                let ahead = AHEAD.as_micros() as u64 / micros.max(1);
                let most = MOST.min(self.window * 2);
                self.window = (ahead as usize).clamp(1, most);
                self.shared.finish(job, Ok(body));
            }
            Kind::Returned => {
                self.window = 1;
                self.requeue([job]);
            }
            _ => {
                let why = String::take(&mut body).unwrap_or_default();
                let why = format!("{} {why}", job.name);
                self.shared.finish(job, Err(Error::Failed(why)));
            }
        }
    }

    /// Puts jobs back to the front of the queue.
    fn requeue(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut state = self.shared.state.lock().unwrap();
        for (at, job) in jobs.into_iter().enumerate() {
            state.queue.insert(at, job);
        }
        self.shared.deal(state);
    }

    // ANCHOR: replace
    /// The worker is dead: starts another one, and sees to it that no task is
    /// lost. It works in order, so it died of the first task under way; unless
    /// it was dead before it got that.
    ///
    /// # Errors
    ///
    /// When the pool is over, or no other worker can be started.
    fn replace(&mut self, dead_before: bool) -> Result<(), Error> {
        let status = self.worker.bury(self.shared, self.me);
        let mut jobs = mem::take(&mut self.under_way);
        let started = self
            .shared
            .goes_on()
            .and_then(|()| Ok(Worker::start(self.shared, self.me)?));
        let worker = started.inspect_err(|why| {
            self.shared.terminate(why);
            self.shared.fail(mem::take(&mut jobs), why);
        })?;
        let died = mem::replace(&mut self.worker, worker);
        self.window = 1;

        let first = if dead_before { None } else { jobs.front_mut() };
        let deaths = first.map_or(0, |job| {
            job.deaths += 1;
            job.deaths
        });
        let given_up = deaths >= DEATHS;
        let task = jobs.front().filter(|_| deaths > 0).map(|job| job.name);
        let (pid, successor) = (died.pid, self.worker.pid);
        let loss = Loss { pid, status, successor, task, given_up };
        (self.shared.on_loss.lock().unwrap())(&loss);
        if given_up && let Some(job) = jobs.pop_front() {
            self.shared.finish(job, Err(Error::GivenUp(deaths)));
        }
        self.requeue(jobs);
        Ok(())
    }
    // ANCHOR_END: replace
}
