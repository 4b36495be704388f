//! What our workers say to our server, beyond Python's queues: three methods
//! that the task queue has, and the values that they take and return.

use std::time::Duration;

use pymanagers::Value;

use crate::{Lease, Task};

/// The names of the two queues.
pub(super) const TASKS: &str = "get_task_queue";
pub(super) const RESULTS: &str = "get_result_queue";

/// Hands in results, and takes tasks: `(outcomes, max, seconds)`. Returns
/// `(closed, lease, tasks)`.
pub(super) const EXCHANGE: &str = "lease_exchange";
/// Extends leases: `(numbers,)`.
pub(super) const EXTEND: &str = "lease_extend";
/// Gives tasks back undone: `(numbers,)`.
pub(super) const RELEASE: &str = "lease_release";

/// What a method raises when the master was stopped.
pub(super) const STOPPED: &str = "InterruptedError";

/// What became of a task, as a worker says it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub task: u64,
    /// The number of the lease.
    pub number: u64,
    pub result: Result<Value, String>,
}

impl Outcome {
    pub fn into_value(self) -> Value {
        let (ok, value) = match self.result {
            Ok(value) => (true, value),
            Err(why) => (false, why.into()),
        };
        let task = as_value(self.task);
        let number = as_value(self.number);
        Value::Tuple(vec![task, number, ok.into(), value])
    }

    pub fn from_value(value: Value) -> Option<Self> {
        let Value::Tuple(parts) = value else { return None };
        let [task, number, ok, value] = <[Value; 4]>::try_from(parts).ok()?;
        let task = as_number(&task)?;
        let number = as_number(&number)?;
        let result = match (ok, value) {
            (Value::Bool(true), value) => Ok(value),
            (_, why) => Err(why.as_str()?.to_string()),
        };
        Some(Self { task, number, result })
    }
}

pub(super) fn lease_into_value(lease: &Lease) -> Value {
    let Lease { task, number, delivery_count, .. } = lease;
    Value::Tuple(vec![
        as_value(task.id),
        as_value(*number),
        i64::from(*delivery_count).into(),
        task.body.clone(),
    ])
}

pub(super) fn lease_from_value(
    value: Value,
    duration: Option<Duration>,
) -> Option<Lease> {
    let Value::Tuple(parts) = value else { return None };
    let [id, number, count, body] = <[Value; 4]>::try_from(parts).ok()?;
    let id = as_number(&id)?;
    let number = as_number(&number)?;
    let delivery_count = u32::try_from(as_number(&count)?).ok()?;
    let task = Task { id, body };
    Some(Lease { task, number, delivery_count, duration })
}

/// Ids are `u64`: those that do not fit are sent as negative numbers.
pub(super) fn as_value(number: u64) -> Value {
    number.cast_signed().into()
}

pub(super) fn as_number(value: &Value) -> Option<u64> {
    value.as_int().map(i64::cast_unsigned)
}

pub(super) fn seconds(value: &Value) -> Option<Duration> {
    match value {
        Value::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
        Value::Int(seconds) => {
            u64::try_from(*seconds).ok().map(Duration::from_secs)
        }
        _ => None,
    }
}
