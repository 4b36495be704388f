//! A worker's side of a server of ours: its tasks are leased.

use std::collections::HashMap;
use std::time::Duration;

use pymanagers::{Proxy, Value};

use super::wire::{
    EXCHANGE, EXTEND, Outcome, RELEASE, STOPPED, as_value, lease_from_value,
    seconds,
};
use crate::{Done, Error, Lease, TaskSource};

pub(super) struct LeasedTasks {
    tasks: Proxy,
    /// By the task's id, the number of its lease.
    held: HashMap<u64, u64>,
    /// The master has said that the job is closed.
    closed: bool,
}

impl LeasedTasks {
    pub fn new(tasks: Proxy) -> Self {
        Self { tasks, held: HashMap::new(), closed: false }
    }

    fn call(
        &self,
        method: &str,
        arguments: Vec<Value>,
        wait: Duration,
    ) -> Result<Value, pymanagers::Error> {
        self.tasks.call_waiting(method, arguments, Vec::new(), wait)
    }

    /// Hands in what became of tasks, and takes others.
    fn exchange_outcomes(
        &mut self,
        outcomes: Vec<Outcome>,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        let ids: Vec<_> = outcomes.iter().map(|it| it.task).collect();
        let values = outcomes.iter().cloned().map(Outcome::into_value);
        let arguments = vec![
            Value::List(values.collect()),
            as_value(max as u64),
            Value::Float(wait.as_secs_f64()),
        ];
        let reply = match self.call(EXCHANGE, arguments, wait) {
            Ok(reply) => reply,
            Err(pymanagers::Error::Pickle(error)) if !outcomes.is_empty() => {
                self.hand_in_each(outcomes, &error.to_string())?;
                return self.exchange_outcomes(Vec::new(), max, wait);
            }
            Err(error) => return Err(called(error)),
        };
        for id in ids {
            self.held.remove(&id);
        }
        let leases = self.read(reply);
        let unread = "the master's reply is no list of tasks";
        leases.ok_or_else(|| Error::Failed(unread.into()))
    }

    /// Together they are too large to be sent. One that is so alone is a
    /// failure.
    fn hand_in_each(
        &mut self,
        mut outcomes: Vec<Outcome>,
        error: &str,
    ) -> Result<(), Error> {
        if let [outcome] = &mut outcomes[..] {
            let why = format!("its result cannot be sent: {error}");
            outcome.result = Err(why);
        }
        for outcome in outcomes {
            self.exchange_outcomes(vec![outcome], 0, Duration::ZERO)?;
        }
        Ok(())
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

    /// Calls a method for those of the leases that are still held.
    fn call_for(&self, method: &str, leases: &[Lease]) -> Result<(), Error> {
        let is_held = |lease: &&Lease| {
            self.held.get(&lease.task.id) == Some(&lease.number)
        };
        let held = leases.iter().filter(is_held);
        let numbers: Vec<_> = held.map(|it| as_value(it.number)).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let arguments = vec![Value::List(numbers)];
        let called_back = self.call(method, arguments, Duration::ZERO);
        called_back.map(drop).map_err(called)
    }
}

impl TaskSource for LeasedTasks {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        self.exchange_outcomes(Vec::new(), max, wait)
    }

    fn extend(&mut self, leases: &[Lease]) -> Result<(), Error> {
        self.call_for(EXTEND, leases)
    }

    fn complete(&mut self, done: &[Done]) -> Result<(), Error> {
        self.exchange(done, 0, Duration::ZERO).map(drop)
    }

    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error> {
        let task = lease.task.id;
        let Some(number) = self.held.get(&task).copied() else {
            return Ok(());
        };
        let result = Err(why.to_string());
        let outcome = Outcome { task, number, result };
        self.exchange_outcomes(vec![outcome], 0, Duration::ZERO).map(drop)
    }

    fn release(&mut self, leases: &[Lease]) -> Result<(), Error> {
        let released = self.call_for(RELEASE, leases);
        for lease in leases {
            self.held.remove(&lease.task.id);
        }
        released
    }

    /// In one round trip.
    fn exchange(
        &mut self,
        done: &[Done],
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        let held = done.iter().filter_map(|Done { task, result }| {
            let number = *self.held.get(task)?;
            Some(Outcome { task: *task, number, result: Ok(result.clone()) })
        });
        let outcomes = held.collect();
        self.exchange_outcomes(outcomes, max, wait)
    }

    fn is_closed(&mut self) -> Result<bool, Error> {
        Ok(self.closed)
    }
}

fn called(error: pymanagers::Error) -> Error {
    match &error {
        pymanagers::Error::Raised(e) if e.class.name == STOPPED => {
            Error::Stopped
        }
        _ => error.into(),
    }
}
