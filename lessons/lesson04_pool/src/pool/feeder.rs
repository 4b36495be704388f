//! The pool's side of a worker: a thread that feeds it with tasks, reads what
//! comes back, and puts another worker in its place when it dies.

use std::collections::VecDeque;
use std::io::{BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::time::Duration;
use std::{io, mem};

use super::link;
use super::queue::{Job, Shared};
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
        let (child, socket) = link::start(command)?;
        let pid = child.id();
        shared.moves_in(me, child);
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

    /// Waits until the worker has ended; it does when the socket is closed.
    fn bury(&mut self, shared: &Shared, me: usize) -> Option<ExitStatus> {
        let worker = shared.moves_out(me);
        let _ = self.reader.get_ref().shutdown(Shutdown::Both);
        let status = worker.and_then(|mut worker| worker.wait().ok());
        shared::timeline::process_exited(self.pid);
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
            let alive = !dead_before && self.listen().is_ok();
            if !alive && self.replace(dead_before).is_err() {
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
                self.shared.put_back([job]);
            }
            _ => {
                let why = String::take(&mut body).unwrap_or_default();
                let why = format!("{} {why}", job.name);
                self.shared.finish(job, Err(Error::Failed(why)));
            }
        }
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
        let pid = self.worker.pid;
        let status = self.worker.bury(self.shared, self.me);
        let mut jobs = mem::take(&mut self.under_way);
        self.window = 1;
        match self.another() {
            Ok(worker) => self.worker = worker,
            Err(why) => {
                self.shared.terminate(&why);
                self.shared.fail(jobs, &why);
                return Err(why);
            }
        }
        let at = jobs.front_mut().filter(|_| !dead_before);
        let died = at.map(|job| {
            job.deaths += 1;
            (job.name, job.deaths)
        });
        let (task, deaths) = died.unzip();
        let given_up = deaths >= Some(DEATHS);
        let successor = self.worker.pid;
        let loss = Loss { pid, status, successor, task, given_up };
        self.shared.tell(&loss);
        if given_up && let Some(job) = jobs.pop_front() {
            self.shared.finish(job, Err(Error::GivenUp(DEATHS)));
        }
        self.shared.put_back(jobs);
        Ok(())
    }
    // ANCHOR_END: replace

    fn another(&self) -> Result<Worker, Error> {
        self.shared.goes_on()?;
        Ok(Worker::start(self.shared, self.me)?)
    }
}
