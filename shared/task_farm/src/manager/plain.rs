//! A worker's side of a Python master's two queues. It knows nothing of
//! leases: it gives its tasks away.

use std::collections::HashSet;
use std::mem;
use std::slice;
use std::time::Duration;

use pymanagers::{Proxy, Request, Value};

use crate::{Done, Error, Lease, Task, TaskSource};

/// What a call of a queue returns.
type Reply = Result<Value, pymanagers::Error>;

pub(super) struct PlainQueues {
    tasks: Proxy,
    results: Proxy,
    /// The tasks that were taken, by the number that they have got here.
    held: HashSet<u64>,
    /// The number of the latest task.
    last: u64,
    /// A result was put, and `task_done` not yet called for it. A master may
    /// wait in `join` until it is.
    owes_task_done: bool,
    /// The master has shut its queue down, or has left in peace.
    closed: bool,
}

impl PlainQueues {
    pub fn new(tasks: Proxy, results: Proxy) -> Self {
        Self {
            tasks,
            results,
            held: HashSet::new(),
            last: 0,
            owes_task_done: false,
            closed: false,
        }
    }

    /// Makes these calls in one round trip, and the `task_done` that is owed
    /// before them.
    fn pipeline<const N: usize>(&mut self, calls: [Request; N]) -> [Reply; N] {
        let owed = mem::take(&mut self.owes_task_done).then(|| {
            self.tasks.request("task_done", vec![], vec![], Duration::ZERO)
        });
        let calls = owed.into_iter().chain(calls);
        let mut replies = self.tasks.client().pipeline(calls);
        // That `task_done` was called too often is the master's affair.
        let replies = replies.split_off(replies.len() - N);
        replies.try_into().expect("a reply for each call")
    }

    /// Calls `task_done` if it is owed. Should the master have left, it has
    /// all results; the next call finds out.
    fn flush(&mut self) {
        if self.owes_task_done {
            let [] = self.pipeline([]);
        }
    }

    fn get(&mut self, wait: Duration) -> Result<Option<Lease>, Error> {
        let [got] = self.pipeline([self.tasks.get_request(wait)]);
        self.lease(got)
    }

    fn lease(&mut self, mut got: Reply) -> Result<Option<Lease>, Error> {
        if let Ok(Value::None) = &got {
            // A task, or a Python master's last word: it returns from
            // `accept_connection`, and closes.
            got = self.tasks.qsize().and(got);
        }
        match got {
            Ok(body) => {
                self.last += 1;
                self.held.insert(self.last);
                Ok(Some(Lease {
                    task: Task { id: self.last, body },
                    number: self.last,
                    delivery_count: 1,
                    duration: None,
                }))
            }
            Err(error) if error.is_empty() => Ok(None),
            Err(
                error @ (pymanagers::Error::Pickle(_)
                | pymanagers::Error::TooLong(_)),
            ) => {
                // It is answered, so that its master does not wait for it.
                self.put_text(format!("a task could not be read: {error}"))?;
                Ok(None)
            }
            Err(error) if self.is_end(&error) => {
                self.closed = true;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the master needs this worker no more: it has shut its queue
    /// down; or it has left, and this worker had handed in all its results,
    /// as a Python master leaves as soon as it has them.
    fn is_end(&self, error: &pymanagers::Error) -> bool {
        let has_handed_in = self.held.is_empty() && self.last > 0;
        error.is_shut_down() || error.is_gone() && has_handed_in
    }

    fn get_more(
        &mut self,
        first: Option<Lease>,
        max: usize,
    ) -> Result<Vec<Lease>, Error> {
        let mut leases: Vec<_> = first.into_iter().collect();
        while !leases.is_empty()
            && leases.len() < max
            && let Some(lease) = self.get(Duration::ZERO)?
        {
            leases.push(lease); // The others only if they are there.
        }
        if leases.is_empty() {
            self.flush();
        }
        Ok(leases)
    }

    /// A task's result was put; if it cannot be sent, a text that says so.
    fn settle(&mut self, task: u64, put: Reply) -> Result<(), Error> {
        match put {
            Ok(_) => self.owes_task_done = self.tasks.has_method("task_done"),
            Err(pymanagers::Error::Pickle(error)) => {
                self.put_text(format!("a result cannot be sent: {error}"))?;
            }
            Err(error) => return Err(error.into()),
        }
        self.held.remove(&task);
        Ok(())
    }

    fn put_text(&mut self, text: String) -> Result<(), Error> {
        let put = self.results.put_request(text, Duration::MAX);
        let [put] = self.pipeline([put]);
        put?;
        self.owes_task_done = self.tasks.has_method("task_done");
        Ok(())
    }
}

impl TaskSource for PlainQueues {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        let first = self.get(wait)?;
        self.get_more(first, max)
    }

    fn extend(&mut self, _: &[Lease]) -> Result<(), Error> {
        Ok(())
    }

    fn complete(&mut self, done: &[Done]) -> Result<(), Error> {
        for Done { task, result } in done {
            if self.held.contains(task) {
                let result = result.clone();
                let put = self.results.put_request(result, Duration::MAX);
                let [put] = self.pipeline([put]);
                self.settle(*task, put)?;
            }
        }
        Ok(())
    }

    /// The master gets a text that says so, as this task's result.
    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error> {
        let Lease { task, .. } = lease;
        let result = format!("{} failed: {why}", task.body).into();
        self.complete(&[Done { task: task.id, result }])
    }

    /// They are put again, as new ones.
    fn release(&mut self, leases: &[Lease]) -> Result<(), Error> {
        for Lease { task, .. } in leases {
            if self.held.remove(&task.id) {
                let body = task.body.clone();
                let put = self.tasks.put_request(body, Duration::MAX);
                let [put] = self.pipeline([put]);
                put?;
                self.owes_task_done = self.tasks.has_method("task_done");
            }
        }
        self.flush();
        Ok(())
    }

    /// The last result and the question for a task travel together.
    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        let Some((last, others)) = done.split_last() else {
            return self.take(max, wait);
        };
        self.complete(others)?;
        if !self.held.contains(&last.task) {
            return self.take(max, wait);
        }
        let put = self.results.put_request(last.result.clone(), wait);
        let get = self.tasks.get_request(wait);
        let [put, got] = self.pipeline([put, get]);
        let first = match put {
            // There was no room for it in time: it waits for that now.
            Err(error) if error.is_full() => {
                let first = self.lease(got)?;
                self.complete(slice::from_ref(last))?;
                first
            }
            put => {
                self.settle(last.task, put)?;
                self.lease(got)?
            }
        };
        self.get_more(first, max)
    }

    /// No more can be known than that the queue is empty.
    fn is_closed(&mut self) -> Result<bool, Error> {
        if self.closed {
            return Ok(true);
        }
        match self.tasks.qsize() {
            Err(error) if self.is_end(&error) => Ok(true),
            size => Ok(size? == 0),
        }
    }
}

impl Drop for PlainQueues {
    fn drop(&mut self) {
        self.flush();
    }
}
