//! The pool's side of a worker: a thread that feeds it with tasks, reads the
//! replies, and replaces the worker when it dies.

use std::collections::VecDeque;
use std::io::{self, BufReader, Write};
use std::mem;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

use crate::queue::{Job, JobQueue, isolate};
use crate::result::{Error, WorkerDeath};
use crate::wire::{self, Reply};

/// A task that has killed this many workers is given up.
const MAX_DEATHS: u32 = 3;

/// A worker gets tasks for about this long, judged by the last one: long tasks
/// are sent one by one, of short ones many are in flight.
const TARGET_BATCH_TIME: Duration = Duration::from_millis(1);

const MAX_IN_FLIGHT: usize = 64;

/// How the pool starts workers, and what it calls when they end.
pub struct Hooks {
    pub command: Box<dyn Fn(usize) -> io::Result<Command> + Send + Sync>,
    pub on_death: Box<dyn Fn(&WorkerDeath) + Send + Sync>,
    pub on_exit: Box<dyn Fn(u32) + Send + Sync>,
}

/// One place in the pool: its worker, and the tasks that the worker has.
pub struct Feeder {
    queue: Arc<JobQueue>,
    hooks: Arc<Hooks>,
    index: usize,
    pid: u32,
    socket: BufReader<UnixStream>,
    /// In the order in which the worker runs them.
    in_flight: VecDeque<Job>,
    window: usize,
}

impl Feeder {
    /// Starts the worker of a place.
    pub fn start(
        queue: &Arc<JobQueue>,
        hooks: &Arc<Hooks>,
        index: usize,
    ) -> io::Result<Self> {
        let (pid, socket) = spawn(queue, hooks, index)?;
        Ok(Self {
            queue: Arc::clone(queue),
            hooks: Arc::clone(hooks),
            index,
            pid,
            socket,
            in_flight: VecDeque::new(),
            window: 1,
        })
    }

    /// Waits until the worker is ready.
    pub fn wait_until_started(&mut self) -> io::Result<()> {
        let mut message = Vec::new();
        wire::read(&mut self.socket, &mut message).map_err(|_| {
            io::Error::other("it exits: does `main` call `init`?")
        })?;
        wire::decode::<Reply>(&message).map(drop)
    }

    // ANCHOR: run
    /// Feeds the worker until the pool is closed and all is done, or ended.
    pub fn run(mut self) {
        loop {
            let before = self.in_flight.len();
            let mut dead_before = false;
            if before <= self.window / 2 {
                let jobs = self.queue.next(self.window, before);
                if before == 0 && jobs.is_empty() {
                    break;
                }
                let sent = self.send(&jobs);
                self.in_flight.extend(jobs);
                dead_before = sent.is_err() && before == 0;
            }
            let alive = !dead_before && self.listen().is_ok();
            if !alive && self.replace(dead_before).is_err() {
                break;
            }
        }
        self.reap();
    }
    // ANCHOR_END: run

    /// Writes these jobs at once.
    fn send(&mut self, jobs: &[Job]) -> io::Result<()> {
        let socket = self.socket.get_mut();
        if let [job] = jobs {
            return socket.write_all(&job.message);
        }
        let messages = jobs.iter().map(|job| &job.message[..]);
        socket.write_all(&messages.collect::<Vec<_>>().concat())
    }

    /// Reads one reply, and all others that have come.
    fn listen(&mut self) -> io::Result<()> {
        let mut message = Vec::new();
        loop {
            wire::read(&mut self.socket, &mut message)?;
            let (reply, results) = wire::decode(&message)?;
            self.handle(reply, results)?;
            if self.socket.buffer().is_empty() {
                return Ok(());
            }
        }
    }

    fn handle(&mut self, reply: Reply, results: &[u8]) -> io::Result<()> {
        match reply {
            Reply::Started => {}
            Reply::Done { id, micros } => {
                let job = self.take(id)?;
                let target = TARGET_BATCH_TIME.as_micros() as u64;
                let fitting = (target / micros.max(1)) as usize;
                let most = MAX_IN_FLIGHT.min(self.window * 2);
                self.window = fitting.clamp(1, most);
                self.queue.complete(job, Ok(results));
            }
            Reply::Failed { id, message } => {
                let job = self.take(id)?;
                let error = Error::Failed(format!("{} {message}", job.name));
                self.queue.complete(job, Err(error));
            }
            Reply::Returned { id } => {
                let job = self.take(id)?;
                self.window = 1;
                self.queue.put_back([job]);
            }
        }
        Ok(())
    }

    fn take(&mut self, id: u64) -> io::Result<Job> {
        let at = self.in_flight.iter().position(|job| job.id == id);
        let job = at.and_then(|at| self.in_flight.remove(at));
        job.ok_or_else(|| io::Error::other("the worker has no such task"))
    }

    // ANCHOR: replace
    /// The worker is dead: starts another one, and loses no task. A worker runs
    /// its tasks in order, so it died of the first one in flight, unless it was
    /// dead before it received that.
    fn replace(&mut self, dead_before: bool) -> Result<(), Error> {
        let pid = self.pid;
        let status = self.reap();
        let mut jobs = mem::take(&mut self.in_flight);
        self.window = 1;
        if let Err(why) = self.respawn() {
            self.queue.terminate(&why);
            self.queue.fail(jobs, &why);
            return Err(why);
        }
        let mut task = None;
        let mut given_up = None;
        if let Some(job) = jobs.front_mut().filter(|_| !dead_before) {
            job.deaths += 1;
            task = Some(job.name);
            if job.deaths == MAX_DEATHS {
                given_up = jobs.pop_front();
            }
        }
        let successor = self.pid;
        let is_given_up = given_up.is_some();
        let death =
            WorkerDeath { pid, status, successor, task, given_up: is_given_up };
        isolate(|| (self.hooks.on_death)(&death));
        if let Some(job) = given_up {
            self.queue.complete(job, Err(Error::GivenUp(MAX_DEATHS)));
        }
        self.queue.put_back(jobs);
        Ok(())
    }
    // ANCHOR_END: replace

    fn respawn(&mut self) -> Result<(), Error> {
        self.queue.check_running()?;
        (self.pid, self.socket) = spawn(&self.queue, &self.hooks, self.index)?;
        Ok(())
    }

    /// Waits until the worker has exited; it does when its socket is closed.
    fn reap(&mut self) -> Option<ExitStatus> {
        let worker = self.queue.detach_worker(self.index);
        let _ = self.socket.get_ref().shutdown(Shutdown::Both);
        let status = worker.and_then(|mut worker| worker.wait().ok());
        isolate(|| (self.hooks.on_exit)(self.pid));
        status
    }
}

/// Starts a worker, whose standard input is its end of a socket pair.
///
/// The command is dropped here, and with it our copy of that end: when the
/// worker exits, for whatever reason, we read the end of the stream.
fn spawn(
    queue: &JobQueue,
    hooks: &Hooks,
    index: usize,
) -> io::Result<(u32, BufReader<UnixStream>)> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = (hooks.command)(index)?;
    let child = command.stdin(OwnedFd::from(theirs)).spawn()?;
    let pid = child.id();
    queue.attach_worker(index, child);
    Ok((pid, BufReader::with_capacity(1 << 16, ours)))
}
