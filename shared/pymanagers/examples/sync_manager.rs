//! What Python's `SyncManager` serves, as far as it is queues, events, locks
//! and semaphores: CPython's own tests are its clients.
//!
//! It speaks frames on its standard input and output. The first one it hears
//! is the key; a server then says its port. When its input ends, so does it.
//!
//! Arguments: an address to serve at, or one side of a handshake to speak
//! (`greet`: the server's, `knock`: the client's).

use std::error::Error;
use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use std::{env, process, thread};

use pymanagers::wire::{read_frame, write_frame};
use pymanagers::{
    Arguments, Caller, Fault, Key, Object, Queue, Server, Shared, Value, Wait,
    auth,
};

type Made = Result<Arc<dyn Shared>, Fault>;
type Answer = Result<Value, Fault>;

fn main() -> Result<(), Box<dyn Error>> {
    let key = read_frame(&mut Parent, 256)?.ok_or("no key")?;
    let key = Key::from(&key[..]);
    match env::args().nth(1).ok_or("where to serve?")?.as_str() {
        "greet" => Ok(auth::greet(&mut Parent, &key)?),
        "knock" => Ok(auth::knock(&mut Parent, &key)?),
        address => serve(address, key),
    }
}

fn serve(address: &str, key: Key) -> Result<(), Box<dyn Error>> {
    let server = Server::bind(address, key)?
        .make("Queue", queue)
        .make("JoinableQueue", queue)
        .make("Event", event)
        .make("Lock", lock)
        .make("RLock", rlock)
        .make("Semaphore", |arguments| semaphore(arguments, usize::MAX))
        .make("BoundedSemaphore", |arguments| semaphore(arguments, 0))
        .share("get_queue", Arc::new(Queue::new(0)))
        .share("Foo", Arc::new(FooBar(&["f", "g"])))
        .share("Bar", Arc::new(FooBar(&["f", "_h"])))
        .share("baz", Arc::new(Squares(Mutex::new(0..10))));
    let serving = server.start()?;
    let port = serving.address().port().to_string();
    write_frame(&mut Parent, port.as_bytes())?;
    thread::spawn(|| {
        let _ = Parent.read(&mut [0]);
        process::exit(1);
    });
    serving.wait_for_shutdown();
    serving.shutdown(Duration::from_millis(100));
    Ok(())
}

/// Whoever started us.
struct Parent;

impl Read for Parent {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(into)
    }
}

impl Write for Parent {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        io::stdout().write_all(from)?;
        self.flush()?;
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

fn queue(arguments: Arguments) -> Made {
    let [max] = arguments.bind("Queue", ["maxsize"])?;
    Ok(Arc::new(Queue::new(number(max, 0))))
}

fn event(arguments: Arguments) -> Made {
    let [] = arguments.bind("Event", [])?;
    Ok(Arc::new(Event::default()))
}

fn lock(arguments: Arguments) -> Made {
    let [] = arguments.bind("Lock", [])?;
    let too_many = Fault::raise("RuntimeError", "release unlocked lock");
    Ok(Arc::new(Permits::new(1, 1, too_many)))
}

fn rlock(arguments: Arguments) -> Made {
    let [] = arguments.bind("RLock", [])?;
    Ok(Arc::new(RLock::new()))
}

/// `most` is how many permits there may ever be, if more than at first.
fn semaphore(arguments: Arguments, most: usize) -> Made {
    let [free] = arguments.bind("Semaphore", ["value"])?;
    let free = number(free, 1);
    let too_many = "Semaphore released too many times";
    let too_many = Fault::raise("ValueError", too_many);
    Ok(Arc::new(Permits::new(free, most.max(free), too_many)))
}

fn number(value: Option<Value>, default: usize) -> usize {
    let number = value.map(|value| value.as_int().unwrap_or_default());
    number.map_or(default, |number| usize::try_from(number).unwrap_or(0))
}

/// Python's `threading.Event`.
#[derive(Default)]
struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    fn wait(&self, wait: Wait, caller: &Caller) -> Result<bool, Fault> {
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set && let Some(time) = wait.next_look() {
            is_set = self.changed.wait_timeout(is_set, time).unwrap().0;
            still(caller)?;
        }
        Ok(*is_set)
    }

    fn set(&self, is_set: bool) {
        *self.is_set.lock().unwrap() = is_set;
        self.changed.notify_all();
    }
}

impl Shared for Event {
    fn exposed(&self) -> &[&str] {
        &["is_set", "set", "clear", "wait"]
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, Fault> {
        if method == "wait" {
            let [timeout] = arguments.bind(method, ["timeout"])?;
            let wait = Wait::from_python(None, timeout)?;
            return Ok(self.wait(wait, caller)?.into());
        }
        let [] = arguments.bind(method, [])?;
        match method {
            "set" => self.set(true),
            "clear" => self.set(false),
            _ => return Ok((*self.is_set.lock().unwrap()).into()),
        }
        Ok(Value::None)
    }
}

/// Python's `threading.Semaphore`, its bounded one, and its `Lock`.
struct Permits {
    free: Mutex<usize>,
    most: usize,
    too_many: Fault,
    freed: Condvar,
}

impl Permits {
    fn new(free: usize, most: usize, too_many: Fault) -> Self {
        let (free, freed) = (Mutex::new(free), Condvar::new());
        Self { free, most, too_many, freed }
    }

    fn acquire(&self, wait: Wait, caller: &Caller) -> Result<bool, Fault> {
        let mut free = self.free.lock().unwrap();
        while *free == 0 {
            let Some(time) = wait.next_look() else {
                return Ok(false);
            };
            free = self.freed.wait_timeout(free, time).unwrap().0;
            still(caller)?;
        }
        *free -= 1;
        Ok(true)
    }

    fn release(&self) -> Result<(), Fault> {
        let mut free = self.free.lock().unwrap();
        if *free == self.most {
            return Err(self.too_many.clone());
        }
        *free += 1;
        self.freed.notify_one();
        Ok(())
    }
}

impl Shared for Permits {
    fn exposed(&self) -> &[&str] {
        &["acquire", "release"]
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, Fault> {
        if method == "acquire" {
            let wait = how_long(arguments)?;
            return Ok(self.acquire(wait, caller)?.into());
        }
        let [] = arguments.bind(method, [])?;
        self.release()?;
        Ok(Value::None)
    }

    fn undelivered(&self, _: &Caller, _: &str, value: Value) {
        if value.is_true() {
            let _ = self.release(); // Nobody knows that it was acquired.
        }
    }
}

/// Python's `threading.RLock`. A thread of a client has a connection of its
/// own, so that the connection owns it.
struct RLock {
    lock: Permits,
    /// The owner's number, and how often it has acquired.
    owner: Mutex<(u64, usize)>,
}

impl RLock {
    fn new() -> Self {
        let words = "cannot release un-acquired lock";
        let too_many = Fault::raise("RuntimeError", words);
        let lock = Permits::new(1, 1, too_many);
        Self { lock, owner: Mutex::default() }
    }

    fn acquire(&self, wait: Wait, caller: &Caller) -> Result<bool, Fault> {
        let is_owner = self.owner.lock().unwrap().0 == caller.id;
        if !is_owner && !self.lock.acquire(wait, caller)? {
            return Ok(false);
        }
        let mut owner = self.owner.lock().unwrap();
        *owner = (caller.id, owner.1 + 1);
        Ok(true)
    }

    fn release(&self, caller: &Caller) -> Result<(), Fault> {
        let mut owner = self.owner.lock().unwrap();
        if owner.0 != caller.id {
            return Err(self.lock.too_many.clone());
        }
        owner.1 -= 1;
        if owner.1 == 0 {
            owner.0 = 0; // No connection has this number.
            self.lock.release()?;
        }
        Ok(())
    }
}

impl Shared for RLock {
    fn exposed(&self) -> &[&str] {
        self.lock.exposed()
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, Fault> {
        if method == "acquire" {
            let wait = how_long(arguments)?;
            return Ok(self.acquire(wait, caller)?.into());
        }
        let [] = arguments.bind(method, [])?;
        self.release(caller)?;
        Ok(Value::None)
    }

    fn undelivered(&self, caller: &Caller, _: &str, value: Value) {
        if value.is_true() {
            let _ = self.release(caller);
        }
    }
}

fn how_long(arguments: Arguments) -> Result<Wait, Fault> {
    let names = ["blocking", "timeout"];
    let [blocking, timeout] = arguments.bind("acquire", names)?;
    Wait::from_python(blocking, timeout)
}

fn still(caller: &Caller) -> Result<(), Fault> {
    if caller.is_there() { Ok(()) } else { Err(Fault::Gone) }
}

/// What CPython's tests register themselves, in two forms.
struct FooBar(&'static [&'static str]);

impl Shared for FooBar {
    fn exposed(&self) -> &[&str] {
        self.0
    }

    fn call(&self, _: &Caller, method: &str, _: Arguments) -> Answer {
        match method {
            "f" => Ok("f()".into()),
            "_h" => Ok("_h()".into()),
            _ => Err(Fault::Raised(exception("ValueError"))),
        }
    }
}

/// And an iterator.
struct Squares(Mutex<std::ops::Range<i64>>);

impl Shared for Squares {
    fn exposed(&self) -> &[&str] {
        &["__next__"]
    }

    fn call(&self, _: &Caller, _: &str, _: Arguments) -> Answer {
        let next = self.0.lock().unwrap().next();
        let n = next.ok_or(Fault::Raised(exception("StopIteration")))?;
        Ok((n * n).into())
    }
}

fn exception(class: &str) -> Object {
    Object::exception("builtins", class, Vec::new())
}
