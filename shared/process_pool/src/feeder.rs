//! The pool's side of a worker: a thread that feeds it with tasks, reads the
//! replies, and replaces the worker when it dies.

use std::collections::VecDeque;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::mem;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::sync::mpsc::Sender;
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

struct Feeder<'a> {
    queue: &'a JobQueue,
    index: usize,
    worker: Worker,
    /// The jobs of the worker, in the order in which it runs them.
    in_flight: VecDeque<Job>,
    /// How many jobs the worker gets at once.
    batch: usize,
}

/// Starts a worker, and feeds it until the pool is closed and all is done.
/// It sends to `started` whether there is a worker.
pub fn feed(
    queue: &JobQueue,
    index: usize,
    started: &Sender<Result<(), Error>>,
) {
    let worker = Worker::start(queue, index);
    let result = worker.as_ref().map(drop).map_err(Error::clone);
    started.send(result).expect("the caller listens");
    let Ok(worker) = worker else { return };
    let in_flight = VecDeque::new();
    let mut feeder = Feeder { queue, index, worker, in_flight, batch: 1 };
    while let Some(jobs) = queue.next(feeder.batch) {
        feeder.in_flight = jobs;
        let sent = feeder.send().is_ok();
        let alive = sent && feeder.receive().is_ok();
        if !alive && feeder.replace(sent).is_err() {
            return;
        }
    }
    feeder.worker.reap(queue, index);
}

impl Feeder<'_> {
    /// Sends all jobs in flight at once.
    fn send(&self) -> io::Result<()> {
        let messages = self.in_flight.iter().map(|job| &job.message[..]);
        let messages = messages.collect::<Vec<_>>().concat();
        let Socket(socket) = self.worker.socket.get_ref();
        let has_several = self.in_flight.len() > 1;
        socket.set_read_timeout(has_several.then_some(RETURN_AFTER))?;
        (&*socket).write_all(&messages)
    }

    /// Reads replies until no job is in flight.
    fn receive(&mut self) -> io::Result<()> {
        let mut message = Vec::new();
        while !self.in_flight.is_empty() {
            wire::read(&mut self.worker.socket, &mut message)?;
            self.handle(Reply::decode(&message)?);
        }
        Ok(())
    }

    fn handle(&mut self, reply: Reply) {
        if let Reply::Returned(count) = reply {
            let begun = self.in_flight.len() - count;
            self.batch = 1;
            return self.queue.put_back(self.in_flight.split_off(begun));
        }
        let job = self.in_flight.pop_front().expect("`receive` has looked");
        job.complete(match reply {
            Reply::Done { micros, results } => {
                let target = TARGET_BATCH_TIME.as_micros() as u64;
                let fitting = (target / micros.max(1)) as usize;
                let most = MAX_IN_FLIGHT.min(self.batch * 2);
                self.batch = fitting.clamp(1, most);
                Ok(results)
            }
            Reply::Failed(why) => {
                Err(Error::Failed(format!("{} {why}", job.task)))
            }
            Reply::Returned(_) => unreachable!("handled above"),
        });
    }

    /// The worker is dead: starts another one, and loses no task. A worker runs
    /// its tasks in order, so it died of the first one in flight, if it
    /// received that.
    fn replace(&mut self, sent: bool) -> Result<(), Error> {
        let pid = self.worker.pid;
        let status = self.worker.reap(self.queue, self.index);
        let mut jobs = mem::take(&mut self.in_flight);
        self.worker = match Worker::start(self.queue, self.index) {
            Ok(worker) => worker,
            Err(why) => {
                self.queue.put_back(jobs);
                self.queue.terminate(&why);
                return Err(why);
            }
        };
        self.batch = 1;
        let first = jobs.front_mut().filter(|_| sent);
        let task = first.map(|job| {
            job.deaths += 1;
            job.task
        });
        let poison = jobs.pop_front_if(|job| job.deaths == MAX_DEATHS);
        let successor = self.worker.pid;
        let given_up = poison.is_some();
        let death = WorkerDeath { pid, status, successor, task, given_up };
        isolate(|| (self.queue.hooks.on_death)(&death));
        if let Some(job) = poison {
            job.complete(Err(Error::GivenUp(MAX_DEATHS)));
        }
        self.queue.put_back(jobs);
        Ok(())
    }
}

/// A worker's process, and our end of the socket pair.
struct Worker {
    pid: u32,
    socket: BufReader<Socket>,
}

impl Worker {
    /// Starts a worker, whose standard input is its end of a socket pair, and
    /// waits until it is ready.
    fn start(queue: &JobQueue, index: usize) -> Result<Self, Error> {
        let (ours, theirs) = UnixStream::pair()?;
        // The command is dropped, and with it our copy of the worker's end: if
        // the worker exits, for whatever reason, we read the end of the stream.
        let pid = queue.spawn(index, OwnedFd::from(theirs))?;
        let socket = BufReader::with_capacity(1 << 16, Socket(ours));
        let mut worker = Self { pid, socket };
        match wire::read(&mut worker.socket, &mut Vec::new()) {
            Ok(()) => Ok(worker),
            Err(_) => {
                worker.reap(queue, index);
                let why = "it exits: does `main` call `init`?";
                Err(Error::NoWorker(why.into()))
            }
        }
    }

    /// Waits until the worker has exited; it does when its socket is closed.
    fn reap(&self, queue: &JobQueue, index: usize) -> Option<ExitStatus> {
        let Socket(socket) = self.socket.get_ref();
        let _ = socket.shutdown(Shutdown::Both);
        queue.take_worker(index)?.wait().ok()
    }
}

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
                socket.write_all(&wire::EMPTY)?;
                socket.read(buffer)
            }
            result => result,
        }
    }
}
