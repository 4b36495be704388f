//! Python's `threading.Semaphore`, its bounded one, and its `Lock`.

use std::sync::{Condvar, Mutex};

use crate::object::{Arguments, CallError, Caller, ManagedObject};
use crate::value::Value;
use crate::wait::{Wait, seconds};

/// Python's `threading.Semaphore`, its `BoundedSemaphore`, or its `Lock`: they
/// differ in how many permits there may be, and in what they refuse.
///
/// ```
/// use std::sync::Arc;
/// use pymanagers::{Client, Key, Semaphore, Server};
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("lock", Arc::new(Semaphore::lock()))
///     .start()?;
/// let client = Client::connect(server.address(), &key)?;
/// let lock = client.proxy("lock")?;
/// assert_eq!(lock.call("acquire", vec![])?, true.into());
/// assert_eq!(lock.call("acquire", vec![false.into()])?, false.into());
/// lock.call("release", vec![])?;
/// # Ok::<(), pymanagers::Error>(())
/// ```
#[derive(Debug)]
pub struct Semaphore {
    kind: Kind,
    permits: Mutex<usize>,
    released: Condvar,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Lock,
    Unbounded,
    Bounded { most: usize },
}

impl Semaphore {
    /// Python's `Lock()`.
    pub fn lock() -> Self {
        Self::of_kind(Kind::Lock, 1)
    }

    /// Python's `Semaphore(permits)`.
    pub fn new(permits: usize) -> Self {
        Self::of_kind(Kind::Unbounded, permits)
    }

    /// Python's `BoundedSemaphore(permits)`.
    pub fn bounded(permits: usize) -> Self {
        Self::of_kind(Kind::Bounded { most: permits }, permits)
    }

    fn of_kind(kind: Kind, permits: usize) -> Self {
        let permits = Mutex::new(permits);
        let released = Condvar::new();
        Self { kind, permits, released }
    }

    pub(super) fn acquire(
        &self,
        wait: Wait,
        caller: &Caller,
    ) -> Result<bool, CallError> {
        let mut guard = self.permits.lock().unwrap();
        while *guard == 0 {
            let Some(time) = wait.next_check() else {
                return Ok(false);
            };
            guard = self.released.wait_timeout(guard, time).unwrap().0;
            caller.check_connected()?;
        }
        *guard -= 1;
        Ok(true)
    }

    pub(super) fn release(&self, many: usize) -> Result<(), CallError> {
        let mut guard = self.permits.lock().unwrap();
        let (most, class, text) = match self.kind {
            Kind::Lock => (1, "RuntimeError", "release unlocked lock"),
            Kind::Unbounded => (usize::MAX, "", ""),
            Kind::Bounded { most } => {
                (most, "ValueError", "Semaphore released too many times")
            }
        };
        if many > most - *guard {
            return Err(CallError::raise(class, text));
        }
        *guard += many;
        self.released.notify_all();
        Ok(())
    }

    /// The arguments of `acquire(blocking, timeout)`: a lock takes -1 for no
    /// timeout, a semaphore None.
    pub(super) fn acquire_wait(
        &self,
        arguments: Arguments,
    ) -> Result<Wait, CallError> {
        let names = ["blocking", "timeout"];
        let [blocking, timeout] = arguments.bind("acquire", names)?;
        let blocks = blocking.is_none_or(|blocking| blocking.is_true());
        let refuse = |text| Err(CallError::raise("ValueError", text));
        let is_lock = matches!(self.kind, Kind::Lock);
        let seconds = seconds(timeout)?.filter(|s| !is_lock || *s != -1.0);
        match (blocks, seconds) {
            (false, None) => Ok(Wait::No),
            (false, Some(_)) if is_lock => {
                refuse("can't specify a timeout for a non-blocking call")
            }
            (false, Some(_)) => {
                refuse("can't specify timeout for non-blocking acquire")
            }
            (true, Some(seconds)) if is_lock && seconds < 0.0 => {
                refuse("timeout value must be a non-negative number")
            }
            (true, seconds) => Ok(Wait::from_seconds(seconds)),
        }
    }

    fn release_many(&self, arguments: Arguments) -> Result<(), CallError> {
        if matches!(self.kind, Kind::Lock) {
            let [] = arguments.bind("release", [])?;
            return self.release(1);
        }
        let [many] = arguments.bind("release", ["n"])?;
        let many = many.map_or(Some(1), |many| many.as_int());
        match many.and_then(|many| usize::try_from(many).ok()) {
            Some(many @ 1..) => self.release(many),
            _ => Err(CallError::raise("ValueError", "n must be one or more")),
        }
    }
}

impl ManagedObject for Semaphore {
    fn methods(&self) -> &[&str] {
        match self.kind {
            Kind::Lock => &["acquire", "locked", "release"],
            _ => &["acquire", "release"],
        }
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        if method == "acquire" {
            let wait = self.acquire_wait(arguments)?;
            return Ok(self.acquire(wait, caller)?.into());
        }
        if method == "locked" {
            let [] = arguments.bind(method, [])?;
            return Ok((*self.permits.lock().unwrap() == 0).into());
        }
        self.release_many(arguments)?;
        Ok(Value::None)
    }

    fn undelivered(&self, _: &Caller, method: &str, value: Value) {
        if method == "acquire" && value.is_true() {
            let _ = self.release(1); // The caller does not know that it has it.
        }
    }
}

/// The permits that a client asks for: 1, unless it says.
fn permits(value: Option<Value>) -> Result<usize, CallError> {
    let number = value.map_or(Some(1), |value| value.as_int());
    number.and_then(|number| usize::try_from(number).ok()).ok_or_else(|| {
        let text = "semaphore initial value must be >= 0";
        CallError::raise("ValueError", text)
    })
}

impl Semaphore {
    /// What a client makes with `Semaphore(value)`, for
    /// [`register`](crate::Server::register).
    ///
    /// # Errors
    ///
    /// `ValueError` for a negative value.
    pub fn from_python(arguments: Arguments) -> Result<Self, CallError> {
        let [value] = arguments.bind("Semaphore", ["value"])?;
        permits(value).map(Self::new)
    }

    /// What a client makes with `BoundedSemaphore(value)`.
    ///
    /// # Errors
    ///
    /// `ValueError` for a negative value.
    pub fn bounded_from_python(
        arguments: Arguments,
    ) -> Result<Self, CallError> {
        let [value] = arguments.bind("BoundedSemaphore", ["value"])?;
        permits(value).map(Self::bounded)
    }
}
