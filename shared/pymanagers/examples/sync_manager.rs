//! What Python's `SyncManager` serves, as far as it is queues, events, locks,
//! semaphores, dicts, lists and namespaces: CPython's own tests are its clients.
//!
//! It speaks frames on its standard input and output. The first one it reads
//! is the key; a server then says its port. When its input ends, so does it.
//!
//! Arguments: an address to serve at, or one side of a handshake to speak
//! (`server` or `client`).

use std::error::Error;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, process, thread};

use pymanagers::frame::{read_frame, write_frame};
use pymanagers::{
    Arguments, CallError, Caller, Dict, Event, Key, List, ManagedObject,
    Namespace, Object, Queue, RLock, Semaphore, Server, Value, auth,
};

type Made = Result<Arc<dyn ManagedObject>, CallError>;
type Answer = Result<Value, CallError>;

fn main() -> Result<(), Box<dyn Error>> {
    let key = read_frame(&mut Parent, 256)?.ok_or("no key")?;
    let key = Key::from(key);
    match env::args().nth(1).ok_or("where to serve?")?.as_str() {
        "server" => Ok(auth::server_handshake(&mut Parent, &key)?),
        "client" => Ok(auth::client_handshake(&mut Parent, &key)?),
        address => serve(address, &key),
    }
}

fn serve(address: &str, key: &Key) -> Result<(), Box<dyn Error>> {
    let server = Server::bind(address, key)?
        .register("Queue", queue)
        .register("JoinableQueue", queue)
        .register("Event", |arguments| plain(arguments, Event::default()))
        .register("Lock", |arguments| plain(arguments, Semaphore::lock()))
        .register("RLock", |arguments| plain(arguments, RLock::default()))
        .register("Semaphore", |arguments| {
            Ok(Arc::new(Semaphore::from_python(arguments)?))
        })
        .register("BoundedSemaphore", |arguments| {
            Ok(Arc::new(Semaphore::bounded_from_python(arguments)?))
        })
        .register("list", |arguments| {
            Ok(Arc::new(List::from_python(arguments)?))
        })
        .register("dict", |arguments| {
            Ok(Arc::new(Dict::from_python(arguments)?))
        })
        .register("Namespace", |arguments| {
            Ok(Arc::new(Namespace::from_python(arguments)?))
        })
        .register("Array", |arguments| {
            let [_, items] = arguments.require("Array", ["type", "items"])?;
            let positional = vec![items];
            let arguments = Arguments { positional, ..Arguments::default() };
            Ok(Arc::new(List::from_python(arguments)?))
        })
        .register("Value", |arguments| {
            let [_, value] = arguments.require("Value", ["type", "value"])?;
            Ok(Arc::new(Variable(Mutex::new(value))))
        })
        .share("get_queue", Arc::new(Queue::new(0)))
        .share("Foo", Arc::new(FooBar(&["f", "g"])))
        .share("Bar", Arc::new(FooBar(&["f", "_h"])))
        .share("baz", Arc::new(Squares(Mutex::new(0..10))));
    let server = server.start()?;
    let port = server.address().port().to_string();
    write_frame(&mut Parent, port.as_bytes())?;
    thread::spawn(|| {
        let _ = Parent.read(&mut [0]);
        process::exit(1);
    });
    server.wait_for_shutdown();
    server.shutdown(Duration::from_millis(100));
    Ok(())
}

/// The process that started us.
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
    let max = max.and_then(|max| max.as_int()).unwrap_or(0);
    Ok(Arc::new(Queue::new(usize::try_from(max).unwrap_or(0))))
}

/// An object that is made without arguments.
fn plain(arguments: Arguments, object: impl ManagedObject + 'static) -> Made {
    let [] = arguments.bind("create", [])?;
    Ok(Arc::new(object))
}

/// The managers' `Value`.
struct Variable(Mutex<Value>);

impl ManagedObject for Variable {
    fn methods(&self) -> &[&str] {
        &["get", "set"]
    }

    fn call(&self, _: &Caller, method: &str, arguments: Arguments) -> Answer {
        let mut variable = self.0.lock().unwrap();
        if method == "get" {
            let [] = arguments.bind(method, [])?;
            return Ok(variable.clone());
        }
        let [value] = arguments.require(method, ["value"])?;
        *variable = value;
        Ok(Value::None)
    }
}

/// What CPython's tests register themselves, in two forms.
struct FooBar(&'static [&'static str]);

impl ManagedObject for FooBar {
    fn methods(&self) -> &[&str] {
        self.0
    }

    fn call(&self, _: &Caller, method: &str, _: Arguments) -> Answer {
        match method {
            "f" => Ok("f()".into()),
            "_h" => Ok("_h()".into()),
            _ => Err(exception("ValueError").into()),
        }
    }
}

/// And an iterator.
struct Squares(Mutex<std::ops::Range<i64>>);

impl ManagedObject for Squares {
    fn methods(&self) -> &[&str] {
        &["__next__"]
    }

    fn call(&self, _: &Caller, _: &str, _: Arguments) -> Answer {
        let next = self.0.lock().unwrap().next();
        let n = next.ok_or(exception("StopIteration"))?;
        Ok((n * n).into())
    }
}

fn exception(class: &str) -> Object {
    Object::exception("builtins", class, Vec::new())
}
