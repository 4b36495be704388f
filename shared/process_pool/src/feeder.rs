//! The pool's side of a worker: a thread that feeds it with tasks, reads the
//! replies, and replaces the worker when it dies.

use std::collections::VecDeque;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::mem;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

use crate::queue::{Job, JobQueue};
use crate::result::{Error, WorkerDeath, isolate};
use crate::wire::{self, Reply};

/// A task that has killed this many workers is given up.
const MAX_DEATHS: u32 = 3;

/// A worker gets tasks for about this long, judged by the last one: long tasks
/// are sent one by one, short ones together.
const TARGET_BATCH_TIME: Duration = Duration::from_millis(1);

const MAX_IN_FLIGHT: usize = 256;

/// A worker that is silent for so long returns the tasks that wait.
const RETURN_AFTER: Duration = Duration::from_millis(5);

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
    socket: BufReader<Socket>,
    /// In the order in which the worker runs them.
    in_flight: VecDeque<Job>,
    /// How many tasks the worker gets at once.
    batch: usize,
}

impl Feeder {
    /// Starts the worker of a place.
    pub fn start(
        queue: &Arc<JobQueue>,
        hooks: &Arc<Hooks>,
        index: usize,
    ) -> Result<Self, Error> {
        let (pid, socket) = spawn(queue, hooks, index)?;
        Ok(Self {
            queue: Arc::clone(queue),
            hooks: Arc::clone(hooks),
            index,
            pid,
            socket,
            in_flight: VecDeque::new(),
            batch: 1,
        })
    }

    /// Waits until the worker is ready.
    pub fn wait_until_started(&mut self) -> Result<(), Error> {
        let mut message = Vec::new();
        let read = wire::read(&mut self.socket, &mut message);
        let why = "it exits: does `main` call `init`?";
        read.map_err(|_| Error::NoWorker(why.into()))?;
        Ok(wire::decode::<Reply>(&message).map(drop)?)
    }

    // ANCHOR: run
    /// Feeds the worker until the pool is closed and all is done, or ended.
    pub fn run(mut self) {
        while let Some(jobs) = self.queue.next(self.batch) {
            self.in_flight = jobs;
            let sent = self.send().is_ok();
            let alive = sent && self.receive().is_ok();
            if !alive && self.replace(sent).is_err() {
                break;
            }
        }
        self.reap();
    }

    /// Sends all jobs in flight at once.
    fn send(&self) -> io::Result<()> {
        let messages = self.in_flight.iter().map(|job| &job.message[..]);
        let messages = messages.collect::<Vec<_>>().concat();
        let Socket(socket) = self.socket.get_ref();
        let has_several = self.in_flight.len() > 1;
        socket.set_read_timeout(has_several.then_some(RETURN_AFTER))?;
        (&*socket).write_all(&messages)
    }

    /// Reads replies until no job is in flight.
    fn receive(&mut self) -> io::Result<()> {
        let mut message = Vec::new();
        while !self.in_flight.is_empty() {
            wire::read(&mut self.socket, &mut message)?;
            let (reply, results) = wire::decode(&message)?;
            self.handle(reply, results);
        }
        Ok(())
    }
    // ANCHOR_END: run

    fn handle(&mut self, reply: Reply, results: &[u8]) {
        match reply {
            Reply::Started => {}
            Reply::Done { micros } => {
                let target = TARGET_BATCH_TIME.as_micros() as u64;
                let fitting = (target / micros.max(1)) as usize;
                let most = MAX_IN_FLIGHT.min(self.batch * 2);
                self.batch = fitting.clamp(1, most);
                self.complete_first(|_| Ok(results));
            }
            Reply::Failed(why) => self.complete_first(|job| {
                Err(Error::Failed(format!("{} {why}", job.task)))
            }),
            Reply::Returned(count) => {
                let begun = self.in_flight.len() - count;
                self.batch = 1;
                self.queue.put_back(self.in_flight.split_off(begun));
            }
        }
    }

    fn complete_first<'a>(
        &mut self,
        results: impl FnOnce(&Job) -> Result<&'a [u8], Error>,
    ) {
        let job = self.in_flight.pop_front().expect("`receive` has looked");
        job.complete(results(&job));
    }

    // ANCHOR: replace
    /// The worker is dead: starts another one, and loses no task. A worker runs
    /// its tasks in order, so it died of the first one in flight, if it
    /// received that.
    fn replace(&mut self, sent: bool) -> Result<(), Error> {
        let pid = self.pid;
        let status = self.reap();
        let mut jobs = mem::take(&mut self.in_flight);
        self.batch = 1;
        match spawn(&self.queue, &self.hooks, self.index) {
            Ok((pid, socket)) => (self.pid, self.socket) = (pid, socket),
            Err(why) => {
                self.queue.terminate(&why);
                jobs.iter().for_each(|job| job.complete(Err(why.clone())));
                return Err(why);
            }
        }
        let mut task = None;
        let mut given_up = None;
        if let Some(job) = jobs.front_mut().filter(|_| sent) {
            job.deaths += 1;
            task = Some(job.task);
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
            job.complete(Err(Error::GivenUp(MAX_DEATHS)));
        }
        self.queue.put_back(jobs);
        Ok(())
    }
    // ANCHOR_END: replace

    /// Waits until the worker has exited; it does when its socket is closed.
    fn reap(&mut self) -> Option<ExitStatus> {
        let worker = self.queue.take_worker(self.index);
        let _ = self.socket.get_ref().0.shutdown(Shutdown::Both);
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
) -> Result<(u32, BufReader<Socket>), Error> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = (hooks.command)(index)?;
    command.stdin(OwnedFd::from(theirs));
    let pid = queue.spawn(index, command)?;
    Ok((pid, BufReader::with_capacity(1 << 16, Socket(ours))))
}

// ANCHOR: Socket
/// The pool's end of a socket pair.
struct Socket(UnixStream);

impl Read for Socket {
    /// After a timeout the worker is asked for the tasks that wait after a long
    /// one: an idle worker will run them.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self(socket) = self;
        match socket.read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                socket.set_read_timeout(None)?;
                socket.write_all(&wire::RETURN)?;
                socket.read(buffer)
            }
            result => result,
        }
    }
}
// ANCHOR_END: Socket
