//! `get_result_queue`: Python's queue of results.

use std::sync::Arc;

use pymanagers::{
    Arguments, CallError, Caller, ManagedObject, QueueCall, Value,
};

use super::farm::Farm;

/// `get_result_queue`. What is put there goes to the master at once: for
/// others the queue is always empty.
pub(super) struct ResultQueue {
    pub farm: Arc<Farm>,
}

impl ManagedObject for ResultQueue {
    fn methods(&self) -> &[&str] {
        QueueCall::METHODS
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        Ok(match QueueCall::read(method, arguments)? {
            QueueCall::Put(value, _) => {
                self.farm.put(caller, value);
                Value::None
            }
            QueueCall::Size => 0.into(),
            QueueCall::IsEmpty => true.into(),
            QueueCall::IsFull => false.into(),
            QueueCall::Join => Value::None,
            QueueCall::Get(_) => {
                let words = "only the master gets results";
                return Err(CallError::raise("ValueError", words));
            }
            QueueCall::TaskDone => return Err(CallError::too_many_done()),
            QueueCall::Shutdown { .. } => {
                return Err(CallError::Unknown(method.into()));
            }
        })
    }
}
