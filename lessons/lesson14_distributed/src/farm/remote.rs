//! A farm behind two of Python's queues: in a master of ours, or in a
//! Python one that has never heard of loans.

use std::collections::HashSet;
use std::time::Duration;

use super::served::{RESULTS, STATUS, STOPPED, TASKS};
use super::{Done, Error, Farm, Loan, Status, Task};
use pymanagers::{self, Address, Client, Key, Proxy, Value};

/// A farm behind two of Python's queues.
///
/// The connection itself is what a loan hangs on: a master of ours gives all
/// our tasks to others when it ends. A Python master does not; there a task
/// is lost with its worker. Neither knows a task's number, so that numbers
/// here are our own.
#[derive(Debug)]
pub struct Remote {
    tasks: Proxy,
    results: Proxy,
    last: u64,
    held: HashSet<u64>,
    /// A Python master has left without a word, as it does.
    left: bool,
}

impl Remote {
    /// Connects to a master.
    ///
    /// # Errors
    ///
    /// When nobody is there, does not answer, or does not know the key or the
    /// two queues.
    pub fn connect(
        address: impl Into<Address>,
        key: &Key,
    ) -> Result<Self, Error> {
        let client = Client::connect(address, key)?;
        let (tasks, results) = (client.proxy(TASKS)?, client.proxy(RESULTS)?);
        let (last, held, left) = (0, HashSet::new(), false);
        Ok(Self { tasks, results, last, held, left })
    }

    /// Whether the master knows of loans, and says when all tasks are done.
    fn lends(&self) -> bool {
        self.tasks.has_method(STATUS)
    }

    fn get(&mut self, wait: Duration) -> Result<Option<Loan>, Error> {
        let got = self.tasks.get(wait);
        self.loan(got)
    }

    fn loan(
        &mut self,
        mut got: Result<Value, pymanagers::Error>,
    ) -> Result<Option<Loan>, Error> {
        if let (Ok(Value::None), false) = (&got, self.lends()) {
            // A task, or a Python master's last word: it returns from
            // `accept_connection`, and closes.
            got = self.tasks.qsize().and(got);
        }
        match got {
            Ok(body) => {
                self.last += 1;
                let id = self.last;
                self.held.insert(id);
                let task = Task { id, body };
                Ok(Some(Loan { task, number: id, tried: 1 }))
            }
            Err(error) if error.is_empty() => Ok(None),
            Err(error) if error.is_gone() && self.may_leave() => {
                self.left = true;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A Python master leaves as soon as it has all results: for a worker
    /// that has brought its own, that is the end, and no failure.
    fn may_leave(&self) -> bool {
        !self.lends() && self.held.is_empty() && self.last > 0
    }
}

impl Farm for Remote {
    /// Every call puts them again: the queue does not know their numbers.
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error> {
        for task in tasks {
            self.tasks.put(task.body.clone(), Duration::MAX)?;
        }
        Ok(tasks.len())
    }

    fn take(&mut self, max: usize, wait: Duration) -> Result<Vec<Loan>, Error> {
        let mut loans = Vec::new();
        let mut wait = wait;
        while loans.len() < max
            && let Some(loan) = self.get(wait)?
        {
            loans.push(loan);
            wait = Duration::ZERO; // The others only if they are there.
        }
        Ok(loans)
    }

    /// Nothing to do: the connection shows that we are here.
    fn renew(&mut self, _: &[Loan]) -> Result<(), Error> {
        Ok(())
    }

    fn finish(&mut self, done: &[Done]) -> Result<(), Error> {
        for Done { task, result } in done {
            if self.held.contains(task) {
                self.results.put(result.clone(), Duration::MAX)?;
                self.held.remove(task);
            }
        }
        Ok(())
    }

    /// The last result and the question for a task travel together.
    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Loan>, Error> {
        let Some((last, others)) = done.split_last() else {
            return self.take(max, wait);
        };
        self.finish(others)?;
        if !self.held.contains(&last.task) {
            return self.take(max, wait);
        }
        let result = last.result.clone();
        let got = self.results.put_and_get(result, &self.tasks, wait)?;
        self.held.remove(&last.task);
        let mut loans: Vec<_> = self.loan(got.1)?.into_iter().collect();
        if !loans.is_empty() {
            loans.extend(self.take(max.saturating_sub(1), Duration::ZERO)?);
        }
        Ok(loans)
    }

    /// They go to the end of the queue, as new ones.
    fn give_back(&mut self, held: &[Loan]) -> Result<(), Error> {
        for loan in held {
            if self.held.remove(&loan.task.id) {
                self.tasks.put(loan.task.body.clone(), Duration::MAX)?;
            }
        }
        Ok(())
    }

    /// Takes results away from the queue; they have no numbers.
    fn collect(&mut self, wait: Duration) -> Result<Vec<Done>, Error> {
        match self.results.get(wait) {
            Ok(result) => Ok(vec![Done { task: 0, result }]),
            Err(error) if error.is_empty() => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn status(&mut self) -> Result<Status, Error> {
        if self.left {
            return Ok(Status { over: true, ..Status::default() });
        }
        if !self.lends() {
            let waiting = match self.tasks.qsize() {
                Err(error) if error.is_gone() && self.may_leave() => 0,
                size => size?,
            };
            let over = waiting == 0; // As far as anybody can know.
            return Ok(Status { waiting, over, ..Status::default() });
        }
        let (args, named) = (Vec::new(), Vec::new());
        let status =
            self.tasks.call_waiting(STATUS, args, named, Duration::ZERO);
        let status = status.map_err(|error| match &error {
            pymanagers::Error::Raised(e) if e.class.name == STOPPED => {
                Error::Stopped
            }
            _ => error.into(),
        })?;
        let numbers = status.as_tuple().unwrap_or_default().iter();
        let mut numbers = numbers.filter_map(Value::as_int);
        let mut next = || numbers.next().unwrap_or_default() as usize;
        let (waiting, out, done) = (next(), next(), next());
        let over = next() == 1;
        Ok(Status { waiting, out, done, over, ..Status::default() })
    }

    fn close(&mut self) -> Result<(), Error> {
        Err(Error::Failed("only its master can close a farm".into()))
    }

    fn clear(&mut self) -> Result<(), Error> {
        while self.tasks.qsize()? > 0 {
            self.get(Duration::ZERO)?;
        }
        self.held.clear();
        while !self.collect(Duration::ZERO)?.is_empty() {}
        Ok(())
    }
}

impl From<pymanagers::Error> for Error {
    fn from(error: pymanagers::Error) -> Self {
        match error.is_gone() {
            true => Self::Gone(error.to_string()),
            false => Self::Failed(error.to_string()),
        }
    }
}
