//! A worker at work: it takes tasks, extends their leases while the function
//! runs, hands results in, and waits for a farm that has gone.

use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::function::{FunctionThread, Message};
use super::{Worker, WorkerEvent};
use crate::{Done, Error, Lease, TaskSource};

/// A worker at work.
pub(super) struct Session {
    worker: Worker,
    function: FunctionThread,
    /// How many tasks it holds.
    held: Arc<AtomicUsize>,
    /// What is done and not handed in.
    done: Vec<Done>,
    /// Why it waits, as its last event said.
    reported: String,
}

impl Session {
    pub fn new(
        worker: Worker,
        function: FunctionThread,
        held: Arc<AtomicUsize>,
    ) -> Self {
        Self {
            worker,
            function,
            held,
            done: Vec::new(),
            reported: String::new(),
        }
    }

    pub fn run(&mut self) -> Result<(), Error> {
        let mut source = None;
        loop {
            let why = match self.connect_and_work(&mut source) {
                Ok(()) => return Ok(()),
                Err(why) => why,
            };
            let Some(retry) = self.worker.retry else { return Err(why) };
            if !why.is_retryable() {
                return Err(why);
            }
            let cleared = matches!(why, Error::Cleared(_));
            if cleared || !source.as_ref().is_some_and(|it| it.reconnects()) {
                source = None;
                self.done.clear(); // Other workers get these tasks.
                self.held.store(0, Relaxed);
            }
            if why.to_string() != self.reported {
                self.reported = why.to_string();
                (self.worker.tell)(WorkerEvent::Waits(&why));
            }
            self.pause(jitter(retry))?;
        }
    }

    fn connect_and_work(
        &mut self,
        source: &mut Option<Box<dyn TaskSource>>,
    ) -> Result<(), Error> {
        let source = match source {
            Some(source) => source,
            None => source.insert((self.worker.connect)()?),
        };
        self.work(&mut **source)
    }

    fn work(&mut self, source: &mut dyn TaskSource) -> Result<(), Error> {
        loop {
            if self.worker.stop.is_asked() {
                return Err(self.release(source, &[]));
            }
            (self.worker.tell)(WorkerEvent::Asks);
            let batch = self.worker.batch;
            let poll = self.worker.poll;
            let leases = source.exchange(&self.done, batch, poll)?;
            self.done.clear();
            self.held.store(leases.len(), Relaxed);
            (self.worker.tell)(WorkerEvent::Got(leases.len()));
            if !mem::take(&mut self.reported).is_empty() {
                (self.worker.tell)(WorkerEvent::Back);
            }
            if leases.is_empty() && source.is_closed()? {
                (self.worker.tell)(WorkerEvent::Closed);
                return Ok(());
            }
            let is_end =
                |lease: &Lease| self.worker.stop_at.contains(&lease.task.body);
            let Some(end) = leases.iter().position(is_end) else {
                self.run_batch(source, leases)?;
                continue;
            };
            self.run_batch(source, leases[..end].to_vec())?;
            source.complete(&self.done)?;
            source.release(&leases[end + 1..])?;
            (self.worker.tell)(WorkerEvent::Closed);
            return Ok(());
        }
    }

    /// Has the function do these tasks, and extends their leases meanwhile.
    fn run_batch(
        &mut self,
        source: &mut dyn TaskSource,
        leases: Vec<Lease>,
    ) -> Result<(), Error> {
        let number = 1 + self.function.batch.fetch_add(1, Relaxed);
        let lease = leases.first().and_then(|lease| lease.duration);
        let mut open: Vec<_> = leases.iter().cloned().map(Some).collect();
        let batch = (number, leases);
        self.function.batches.send(batch).expect("its thread is there");
        let mut left = open.len();
        let mut extended = Instant::now();
        while left > 0 {
            let message = self.message(lease.map(|it| it / 3), extended);
            match message {
                Some(Message::Stop) => {
                    let open: Vec<_> = open.into_iter().flatten().collect();
                    return Err(self.release(source, &open));
                }
                Some(Message::Result(batch, at, result)) => {
                    if batch != number {
                        continue; // Of a batch that was given up.
                    }
                    let lease = open[at].take().expect("it is done once");
                    left -= 1;
                    match result {
                        Ok(result) => {
                            let task = lease.task.id;
                            self.done.push(Done { task, result });
                        }
                        Err(why) => source.fail(&lease, &why)?,
                    }
                }
                None => {
                    source.complete(&self.done)?;
                    self.done.clear();
                    let open: Vec<_> = open.iter().flatten().cloned().collect();
                    source.extend(&open)?;
                    extended = Instant::now();
                }
            }
            self.held.store(left + self.done.len(), Relaxed);
        }
        Ok(())
    }

    /// The next message; `None` when leases must be extended first.
    fn message(
        &self,
        every: Option<Duration>,
        since: Instant,
    ) -> Option<Message> {
        let messages = &self.function.messages;
        let Some(every) = every else {
            return Some(messages.recv().expect("its thread is there"));
        };
        let left = every.saturating_sub(since.elapsed());
        match messages.recv_timeout(left) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                unreachable!("its thread is there")
            }
        }
    }

    /// Hands in what is done, and gives the rest back.
    fn release(
        &mut self,
        source: &mut dyn TaskSource,
        open: &[Lease],
    ) -> Error {
        let completed = source.complete(&self.done);
        let released = completed.and_then(|()| source.release(open));
        if released.is_ok() {
            self.held.store(0, Relaxed);
            if !open.is_empty() {
                (self.worker.tell)(WorkerEvent::Released(open.len()));
            }
        }
        let unreleased = self.held.load(Relaxed);
        Error::Interrupted { unreleased }
    }

    /// Waits for so long, or until the worker is stopped.
    fn pause(&self, time: Duration) -> Result<(), Error> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.function.messages.recv_timeout(left) {
                Ok(Message::Stop) => {
                    let unreleased = self.held.load(Relaxed);
                    return Err(Error::Interrupted { unreleased });
                }
                Ok(Message::Result(..)) => {} // Of a batch that was given up.
                Err(_) => return Ok(()),
            }
        }
    }
}

/// Between three and five quarters of it: many workers do not come at once.
fn jitter(time: Duration) -> Duration {
    let random = RandomState::new().hash_one(0) % 1024;
    time.mul_f64(0.75 + random as f64 / 2048.0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn workers_that_lose_a_master_at_once_come_back_at_different_times() {
        let second = Duration::from_secs(1);
        let all: HashSet<_> = (0..100).map(|_| jitter(second)).collect();
        assert!(all.len() > 50, "{} different pauses", all.len());
        let around = second.mul_f64(0.75)..second.mul_f64(1.25);
        assert!(all.iter().all(|it| around.contains(it)), "{all:?}");
    }
}
