//! Python's `threading.RLock`.

use std::sync::Mutex;

use super::Semaphore;
use crate::object::{
    Arguments, CallError, Caller, ConnectionEnd, ManagedObject,
};
use crate::value::Value;
use crate::wait::Wait;

/// Python's `threading.RLock`. A thread of a client has a connection of its
/// own, so that the connection owns it. Unlike CPython's, it is released when
/// its owner's connection closes.
///
/// ```
/// use std::sync::Arc;
/// use pymanagers::{Client, Key, RLock, Server};
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("lock", Arc::new(RLock::default()))
///     .start()?;
/// let client = Client::connect(server.address(), &key)?;
/// let lock = client.proxy("lock")?;
/// for method in ["acquire", "acquire", "release", "release"] {
///     lock.call(method, vec![])?;
/// }
/// assert!(lock.call("release", vec![]).is_err());
/// # Ok::<(), pymanagers::Error>(())
/// ```
#[derive(Debug)]
pub struct RLock {
    lock: Semaphore,
    /// The owner's connection, and how often it has acquired.
    owner: Mutex<Option<(u64, usize)>>,
}

impl Default for RLock {
    fn default() -> Self {
        Self { lock: Semaphore::lock(), owner: Mutex::default() }
    }
}

impl RLock {
    fn acquire(&self, wait: Wait, caller: &Caller) -> Result<bool, CallError> {
        if let Some((id, times)) = &mut *self.owner.lock().unwrap()
            && *id == caller.id
        {
            *times += 1;
            return Ok(true);
        }
        let acquired = self.lock.acquire(wait, caller)?;
        if acquired {
            *self.owner.lock().unwrap() = Some((caller.id, 1));
        }
        Ok(acquired)
    }

    fn release(&self, caller: &Caller) -> Result<(), CallError> {
        let mut guard = self.owner.lock().unwrap();
        match &mut *guard {
            Some((id, times)) if *id == caller.id => {
                *times -= 1;
                if *times == 0 {
                    *guard = None;
                    self.lock.release(1)?;
                }
                Ok(())
            }
            _ => {
                let text = "cannot release un-acquired lock";
                Err(CallError::raise("RuntimeError", text))
            }
        }
    }
}

impl ManagedObject for RLock {
    fn methods(&self) -> &[&str] {
        self.lock.methods()
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        if method == "acquire" {
            let wait = self.lock.acquire_wait(arguments)?;
            return Ok(self.acquire(wait, caller)?.into());
        }
        let [] = arguments.bind(method, [])?;
        if method == "locked" {
            return Ok(self.owner.lock().unwrap().is_some().into());
        }
        self.release(caller)?;
        Ok(Value::None)
    }

    fn undelivered(&self, caller: &Caller, method: &str, value: Value) {
        if method == "acquire" && value.is_true() {
            let _ = self.release(caller);
        }
    }

    fn disconnected(&self, caller: &Caller, _: ConnectionEnd) {
        let mut guard = self.owner.lock().unwrap();
        if guard.take_if(|(id, _)| *id == caller.id).is_some() {
            let _ = self.lock.release(1);
        }
    }
}
