//! `get_task_queue`: Python's queue of tasks, and what our workers call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use pymanagers::{
    Arguments, CallError, Caller, ConnectionEnd, ManagedObject, QueueCall,
    Value, Wait, pickle,
};

use super::event::FarmEvent;
use super::farm::Farm;
use super::wire::{
    EXCHANGE, EXTEND, Outcome, RELEASE, STOPPED, as_number, lease_from_value,
    lease_into_value, seconds,
};
use crate::lease_table::Settlement;
use crate::{Done, Error, JobOwner, Lease, Report};

/// `get_task_queue`.
pub(super) struct TaskQueue {
    pub farm: Arc<Farm>,
    /// How often `task_done` may still be called.
    pub taken: Mutex<usize>,
}

impl TaskQueue {
    /// Python's `get`.
    fn get(&self, caller: &Caller, wait: Wait) -> Result<Value, CallError> {
        let asks = self.farm.owners.lock().unwrap().asks(caller.id);
        let (is_new, matches) = asks;
        self.farm.report(caller, matches);
        if is_new {
            self.farm.worker_came();
        }
        let is_there = || caller.is_connected();
        let taken = self.farm.job.take_while(1, wait, false, &is_there);
        // A master that was stopped hangs up, as Python's does.
        let mut leases = taken.map_err(|_| CallError::Disconnected)?;
        let lease = leases.pop().ok_or_else(CallError::empty)?;
        let body = lease.task.body.clone();
        self.farm.owners.lock().unwrap().add(caller.id, lease);
        *self.taken.lock().unwrap() += 1;
        Ok(body)
    }

    /// A worker of ours hands in what it has done, and takes tasks.
    fn exchange(
        &self,
        caller: &Caller,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let [done, max, wait] =
            arguments.bind(EXCHANGE, ["done", "max", "timeout"])?;
        let Some(Value::List(outcomes)) = done else {
            return Err(wrong_type(EXCHANGE));
        };
        let max = max.as_ref().and_then(as_number).unwrap_or_default();
        let wait = wait.as_ref().and_then(seconds).unwrap_or_default();
        let outcomes = outcomes.into_iter().map(Outcome::from_value);
        let outcomes: Option<Vec<_>> = outcomes.collect();
        let outcomes = outcomes.ok_or_else(|| wrong_type(EXCHANGE))?;
        self.end_leases(caller, &outcomes);
        for outcome in outcomes {
            self.settle(caller, outcome);
        }
        let job = &self.farm.job;
        let wait = Wait::at_most(wait);
        let there = || caller.is_connected();
        let leases = match job.take_while(max as usize, wait, true, &there) {
            Ok(leases) => leases,
            Err(Error::Stopped) => return Err(stopped()),
            Err(_) => return Err(CallError::Disconnected),
        };
        let mut guard = self.farm.held.lock().unwrap();
        let numbers = leases.iter().map(|it| (it.number, it.task.id));
        guard.entry(caller.id).or_default().extend(numbers);
        drop(guard);
        let closed = job.has_closed();
        let lease = leases.first().and_then(|lease| lease.duration);
        let lease = lease.map(|time| Value::Float(time.as_secs_f64()));
        let tasks = leases.iter().map(lease_into_value).collect();
        Ok(Value::Tuple(vec![
            closed.into(),
            lease.unwrap_or(Value::None),
            Value::List(tasks),
        ]))
    }

    /// The caller, which may be new, no longer holds these tasks.
    fn end_leases(&self, caller: &Caller, outcomes: &[Outcome]) {
        let mut all = self.farm.held.lock().unwrap();
        let held = all.entry(caller.id).or_insert_with(|| {
            self.farm.worker_came();
            HashMap::new()
        });
        for outcome in outcomes {
            held.remove(&outcome.number);
        }
    }

    fn settle(&self, caller: &Caller, outcome: Outcome) {
        let Outcome { task, number, result } = outcome;
        let (value, report) = match result {
            Ok(result) => {
                let done = Done { task, result: result.clone() };
                (result, Report::Done(done))
            }
            Err(why) => (why.as_str().into(), Report::Failed { task, why }),
        };
        let settled = self.farm.job.settle_lease(number, task, report);
        if settled != Settlement::First {
            (self.farm.log)(FarmEvent::Duplicate(caller.peer, task, value));
        }
    }

    /// The caller's leases of these numbers, and their tasks.
    fn held(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
        remove: bool,
    ) -> Result<Vec<(u64, u64)>, CallError> {
        let [numbers] = arguments.bind(method, ["numbers"])?;
        let Some(Value::List(numbers)) = numbers else {
            return Err(wrong_type(method));
        };
        let mut all = self.farm.held.lock().unwrap();
        let Some(held) = all.get_mut(&caller.id) else {
            return Ok(Vec::new());
        };
        let numbers = numbers.iter().filter_map(as_number);
        let found = numbers.filter_map(|number| {
            let task = held.get(&number).copied()?;
            if remove {
                held.remove(&number);
            }
            Some((task, number))
        });
        Ok(found.collect())
    }

    /// CPython's limit is how many were put; ours, how many were taken, as a
    /// task may be taken again.
    fn task_done(&self) -> Result<Value, CallError> {
        let mut guard = self.taken.lock().unwrap();
        let left = guard.checked_sub(1);
        *guard = left.ok_or_else(CallError::too_many_done)?;
        Ok(Value::None)
    }

    /// The tasks and lease numbers that the caller was to get.
    fn undo(
        &self,
        caller: &Caller,
        method: &str,
        value: Value,
    ) -> Vec<(u64, u64)> {
        let pair = |lease: Lease| (lease.task.id, lease.number);
        if method != EXCHANGE {
            let latest = self.farm.owners.lock().unwrap().undo(caller.id);
            return latest.into_iter().map(pair).collect();
        }
        let Value::Tuple(parts) = value else { return Vec::new() };
        let Some(Value::List(tasks)) = parts.into_iter().nth(2) else {
            return Vec::new();
        };
        let leases = tasks.into_iter();
        let leases = leases.filter_map(|it| lease_from_value(it, None));
        leases.map(pair).collect()
    }

    /// A worker may put a task back that it has taken, and no other.
    fn put(&self, caller: &Caller, item: &Value) -> Result<Value, CallError> {
        let mut guard = self.farm.owners.lock().unwrap();
        let Some(lease) = guard.with_body(caller.id, item) else {
            let words = "only the master puts tasks; a worker may put back \
                         one that it has taken";
            return Err(CallError::raise("ValueError", words));
        };
        drop(guard);
        self.farm.release(&[lease]);
        Ok(Value::None)
    }
}

fn wrong_type(method: &str) -> CallError {
    CallError::raise(
        "TypeError",
        &format!("{method}(): an argument is of the wrong type"),
    )
}

fn stopped() -> CallError {
    CallError::raise(STOPPED, "the master was stopped")
}

/// What a queue of Python's has, and what our workers call.
const TASK_METHODS: [&str; QueueCall::METHODS.len() + 3] = {
    let mut methods = [EXCHANGE; QueueCall::METHODS.len() + 3];
    let mut i = 0;
    while i < QueueCall::METHODS.len() {
        methods[i] = QueueCall::METHODS[i];
        i += 1;
    }
    methods[i] = EXTEND;
    methods[i + 1] = RELEASE;
    methods
};

impl ManagedObject for TaskQueue {
    fn methods(&self) -> &[&str] {
        &TASK_METHODS
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let job = &self.farm.job;
        match method {
            EXCHANGE => return self.exchange(caller, arguments),
            EXTEND => {
                for (task, number) in
                    self.held(caller, method, arguments, false)?
                {
                    job.extend_lease(task, number);
                }
                return Ok(Value::None);
            }
            RELEASE => {
                for (task, number) in
                    self.held(caller, method, arguments, true)?
                {
                    job.release_lease(task, number);
                }
                return Ok(Value::None);
            }
            _ => {}
        }
        let waiting = || job.clone().stats().unwrap_or_default().waiting;
        Ok(match QueueCall::read(method, arguments)? {
            QueueCall::Get(wait) => return self.get(caller, wait),
            QueueCall::TaskDone => return self.task_done(),
            QueueCall::Put(item, _) => return self.put(caller, &item),
            QueueCall::Size => (waiting() as i64).into(),
            QueueCall::IsEmpty => (waiting() == 0).into(),
            QueueCall::IsFull => false.into(),
            QueueCall::Shutdown { .. } => {
                return Err(CallError::Unknown(method.into()));
            }
            QueueCall::Join => {
                job.wait_until_settled(&|| caller.is_connected());
                Value::None
            }
        })
    }

    fn undelivered(&self, caller: &Caller, method: &str, value: Value) {
        for (task, number) in self.undo(caller, method, value) {
            self.farm.job.release_lease(task, number);
        }
    }

    /// The task is too large to be sent: no worker can do it.
    fn unwritable(
        &self,
        caller: &Caller,
        method: &str,
        value: Value,
        error: &pickle::Error,
    ) {
        let why = format!("it cannot be sent: {error}");
        for (task, number) in self.undo(caller, method, value) {
            let report = Report::Failed { task, why: why.clone() };
            self.farm.job.settle_lease(number, task, report);
        }
    }

    fn disconnected(&self, caller: &Caller, end: ConnectionEnd) {
        // The connection of a thread says nothing of its process.
        let is_thread = caller.name.contains('|');
        let lives_on = end == ConnectionEnd::Released || is_thread;
        self.farm.ended(caller, lives_on);
    }
}
