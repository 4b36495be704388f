//! Python's `threading.Event`.

use std::sync::{Condvar, Mutex};

use crate::object::{Arguments, CallError, Caller, ManagedObject};
use crate::value::Value;
use crate::wait::{Wait, seconds};

/// Python's `threading.Event`.
///
/// ```
/// let event = pymanagers::Event::default();
/// assert!(!event.is_set());
/// event.set();
/// assert!(event.is_set());
/// ```
#[derive(Debug, Default)]
pub struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        *self.is_set.lock().unwrap()
    }

    /// Sets it, and wakes every thread that waits for it.
    pub fn set(&self) {
        *self.is_set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    /// Clears it.
    pub fn clear(&self) {
        *self.is_set.lock().unwrap() = false;
    }

    fn wait(&self, wait: Wait, caller: &Caller) -> Result<bool, CallError> {
        let mut guard = self.is_set.lock().unwrap();
        while !*guard && let Some(time) = wait.next_check() {
            guard = self.changed.wait_timeout(guard, time).unwrap().0;
            caller.check_connected()?;
        }
        Ok(*guard)
    }
}

impl ManagedObject for Event {
    fn methods(&self) -> &[&str] {
        &["is_set", "set", "clear", "wait"]
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        if method == "wait" {
            let [timeout] = arguments.bind(method, ["timeout"])?;
            let wait = Wait::from_seconds(seconds(timeout)?);
            return Ok(self.wait(wait, caller)?.into());
        }
        let [] = arguments.bind(method, [])?;
        match method {
            "set" => self.set(),
            "clear" => self.clear(),
            _ => return Ok(self.is_set().into()),
        }
        Ok(Value::None)
    }
}
