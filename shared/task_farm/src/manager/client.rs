//! Tasks from two of Python's queues: those of a [`FarmServer`], or those of a
//! Python master that knows nothing of leases.
//!
//! [`FarmServer`]: crate::FarmServer

use std::collections::HashMap;
use std::time::Duration;

use pymanagers::{Address, Client, Key, Proxy, Value};

use super::wire::{
    EXCHANGE, EXTEND, Outcome, RELEASE, RESULTS, STOPPED, TASKS, as_value,
    lease_from_value, seconds,
};
use crate::{Done, Error, Lease, Task, TaskSource};

/// A worker's side of two of Python's queues.
///
/// Under a [`FarmServer`](crate::FarmServer) tasks are leased: when the
/// connection ends, other workers get them. A Python master gives its tasks
/// away: there a task is lost with its worker, and ids are counted here.
#[derive(Debug)]
pub struct ManagerSource {
    tasks: Proxy,
    results: Proxy,
    /// By the task's id, the number of its lease.
    held: HashMap<u64, u64>,
    /// The last number that was given to a task of a Python master.
    last: u64,
    /// The master has said that it is all, or has left in peace.
    closed: bool,
}

impl ManagerSource {
    /// Connects to a master.
    ///
    /// # Errors
    ///
    /// When the master is not there, does not answer, or does not know the key
    /// or the two queues.
    pub fn connect(
        address: impl Into<Address>,
        key: &Key,
    ) -> Result<Self, Error> {
        let connected = Client::connect(address, key).and_then(|client| {
            Ok((client.proxy(TASKS)?, client.proxy(RESULTS)?))
        });
        let (tasks, results) =
            connected.map_err(|error| match error.is_gone() {
                true => Error::Gone(error.to_string()),
                false => Error::Failed(error.to_string()),
            })?;
        let (held, last, closed) = (HashMap::new(), 0, false);
        Ok(Self { tasks, results, held, last, closed })
    }

    /// Whether the master leases its tasks.
    pub fn leases(&self) -> bool {
        self.tasks.has_method(EXCHANGE)
    }

    /// Calls a method that only a server of ours has.
    fn call(
        &self,
        method: &str,
        arguments: Vec<Value>,
        wait: Duration,
    ) -> Result<Value, Error> {
        let reply =
            self.tasks.call_waiting(method, arguments, Vec::new(), wait);
        reply.map_err(|error| match &error {
            pymanagers::Error::Raised(e) if e.class.name == STOPPED => {
                Error::Stopped
            }
            _ => error.into(),
        })
    }

    /// Hands in what became of tasks, and takes others.
    fn exchange_leases(
        &mut self,
        outcomes: Vec<Outcome>,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        let ids: Vec<_> = outcomes.iter().map(|it| it.task).collect();
        let outcomes = outcomes.into_iter().map(Outcome::into_value);
        let arguments = vec![
            Value::List(outcomes.collect()),
            as_value(max as u64),
            Value::Float(wait.as_secs_f64()),
        ];
        let reply = self.call(EXCHANGE, arguments, wait)?;
        for id in ids {
            self.held.remove(&id);
        }
        let leases = self.read(reply);
        leases.ok_or_else(|| Error::Failed("the master makes no sense".into()))
    }

    fn read(&mut self, reply: Value) -> Option<Vec<Lease>> {
        let Value::Tuple(parts) = reply else { return None };
        let [closed, lease, tasks] = <[Value; 3]>::try_from(parts).ok()?;
        self.closed = closed.is_true();
        let Value::List(tasks) = tasks else { return None };
        let duration = seconds(&lease);
        let leases = tasks.into_iter().map(|it| lease_from_value(it, duration));
        let leases: Vec<_> = leases.collect::<Option<_>>()?;
        let numbers = leases.iter().map(|it| (it.task.id, it.number));
        self.held.extend(numbers);
        Some(leases)
    }

    fn outcomes(&self, done: &[Done]) -> Vec<Outcome> {
        let held = done.iter().filter_map(|Done { task, result }| {
            let number = *self.held.get(task)?;
            Some(Outcome { task: *task, number, result: Ok(result.clone()) })
        });
        held.collect()
    }

    /// The numbers of those leases that are still held, as an argument.
    fn numbers(&self, leases: &[Lease]) -> Vec<Value> {
        let ours = leases.iter().filter(|lease| {
            self.held.get(&lease.task.id) == Some(&lease.number)
        });
        ours.map(|lease| as_value(lease.number)).collect()
    }
}

/// A Python master's queues.
impl ManagerSource {
    fn get(&mut self, wait: Duration) -> Result<Option<Lease>, Error> {
        let got = self.tasks.get(wait);
        self.lease(got)
    }

    fn lease(
        &mut self,
        mut got: Result<Value, pymanagers::Error>,
    ) -> Result<Option<Lease>, Error> {
        if let Ok(Value::None) = &got {
            // A task, or a Python master's last word: it returns from
            // `accept_connection`, and closes.
            got = self.tasks.qsize().and(got);
        }
        match got {
            Ok(body) => {
                self.last += 1;
                let (id, number) = (self.last, self.last);
                self.held.insert(id, number);
                let task = Task { id, body };
                let (delivery_count, duration) = (1, None);
                Ok(Some(Lease { task, number, delivery_count, duration }))
            }
            Err(error) if error.is_empty() => Ok(None),
            Err(
                error @ (pymanagers::Error::Pickle(_)
                | pymanagers::Error::TooLong(_)),
            ) => {
                // It is answered, so that its master does not wait for it.
                let text = format!("a task could not be read: {error}");
                self.results.put(text, Duration::MAX)?;
                self.task_done()?;
                Ok(None)
            }
            Err(error) if error.is_shut_down() => {
                self.closed = true;
                Ok(None)
            }
            Err(error) if error.is_gone() && self.may_leave() => {
                self.closed = true;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A Python master leaves as soon as it has all results: for a worker
    /// that has handed in its own, that is the end, and no failure.
    fn may_leave(&self) -> bool {
        self.held.is_empty() && self.last > 0
    }

    fn put(&mut self, task: u64, result: Value) -> Result<(), Error> {
        self.results.put(result, Duration::MAX)?;
        self.held.remove(&task);
        self.task_done()
    }

    /// A Python master may wait in `join` until every task is done.
    fn task_done(&self) -> Result<(), Error> {
        if !self.tasks.has_method("task_done") {
            return Ok(());
        }
        match self.tasks.task_done() {
            Ok(_) | Err(pymanagers::Error::Raised(_)) => Ok(()),
            // It has all results, and has left; `get` finds out.
            Err(error) if error.is_gone() && self.may_leave() => Ok(()),
            Err(error) => Err(error.into()),
        }
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
        Ok(leases)
    }
}

impl TaskSource for ManagerSource {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        if self.leases() {
            return self.exchange_leases(Vec::new(), max, wait);
        }
        let first = self.get(wait)?;
        self.get_more(first, max)
    }

    fn extend(&mut self, leases: &[Lease]) -> Result<(), Error> {
        let numbers = self.numbers(leases);
        if !self.leases() || numbers.is_empty() {
            return Ok(());
        }
        let numbers = vec![Value::List(numbers)];
        self.call(EXTEND, numbers, Duration::ZERO).map(drop)
    }

    fn complete(&mut self, done: &[Done]) -> Result<(), Error> {
        if self.leases() {
            let outcomes = self.outcomes(done);
            return self.exchange_leases(outcomes, 0, Duration::ZERO).map(drop);
        }
        for Done { task, result } in done {
            if self.held.contains_key(task) {
                self.put(*task, result.clone())?;
            }
        }
        Ok(())
    }

    /// A Python master gets a text that says so, as this task's result.
    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error> {
        let task = lease.task.id;
        let Some(number) = self.held.get(&task).copied() else {
            return Ok(());
        };
        if !self.leases() {
            let text = format!("{} failed: {why}", lease.task.body);
            return self.put(task, text.into());
        }
        let result = Err(why.to_string());
        let outcome = Outcome { task, number, result };
        self.exchange_leases(vec![outcome], 0, Duration::ZERO).map(drop)
    }

    /// With a Python master they are put again, as new ones.
    fn release(&mut self, leases: &[Lease]) -> Result<(), Error> {
        if self.leases() {
            let numbers = self.numbers(leases);
            for lease in leases {
                self.held.remove(&lease.task.id);
            }
            if numbers.is_empty() {
                return Ok(());
            }
            let numbers = vec![Value::List(numbers)];
            return self.call(RELEASE, numbers, Duration::ZERO).map(drop);
        }
        for lease in leases {
            if self.held.remove(&lease.task.id).is_some() {
                self.tasks.put(lease.task.body.clone(), Duration::MAX)?;
                self.task_done()?; // The put counts as a new task.
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
    ) -> Result<Vec<Lease>, Error> {
        if self.leases() {
            return self.exchange_leases(self.outcomes(done), max, wait);
        }
        let Some((last, others)) = done.split_last() else {
            return self.take(max, wait);
        };
        self.complete(others)?;
        if !self.held.contains_key(&last.task) {
            return self.take(max, wait);
        }
        let result = last.result.clone();
        let (put, got) = self.results.put_and_get(result, &self.tasks, wait)?;
        if put.is_ok() {
            self.held.remove(&last.task);
        }
        let first = self.lease(got)?;
        match put {
            Ok(()) if self.closed => {}
            Ok(()) => self.task_done()?,
            // There was no room for it in time: it waits for that now.
            Err(error) if error.is_full() => {
                self.put(last.task, last.result.clone())?;
            }
            Err(error) => return Err(error.into()),
        }
        self.get_more(first, max)
    }

    /// Of a Python master no more can be known than that its queue is empty.
    fn is_closed(&mut self) -> Result<bool, Error> {
        if self.closed || self.leases() {
            return Ok(self.closed);
        }
        match self.tasks.qsize() {
            Err(error) if error.is_gone() && self.may_leave() => Ok(true),
            Err(error) if error.is_shut_down() => Ok(true),
            size => Ok(size? == 0),
        }
    }
}
