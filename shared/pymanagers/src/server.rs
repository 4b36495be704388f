//! The server: objects with names, connections, and who may call what.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::auth::{self, Key};
use super::error::Error;
use super::value::{Object, Value};
use super::wire::{MAX_FRAME, Wire, read_frame, write_frame};
use super::{HANDSHAKE_TIME, pickle};

/// An object whose methods clients may call.
pub trait Shared: Send + Sync {
    /// The methods that they may call.
    fn exposed(&self) -> &[&str];

    /// Calls a method that is exposed. It may wait, but not for a `caller`
    /// who is no longer there.
    ///
    /// # Errors
    ///
    /// What the caller gets to see as an exception.
    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, Fault>;

    /// The caller has not got what `method` returned.
    fn undelivered(&self, _caller: &Caller, _method: &str, _value: Value) {}

    /// A caller who has called before has hung up.
    fn hung_up(&self, _caller: &Caller) {}
}

/// A client's connection, from the other end.
#[derive(Debug)]
pub struct Caller {
    /// A number that no other connection of this server has.
    pub id: u64,
    /// Where it comes from.
    pub peer: SocketAddr,
    stream: TcpStream,
    closed: Arc<AtomicBool>,
}

impl Caller {
    /// Whether it still listens. Looks, and takes nothing away.
    pub fn is_there(&self) -> bool {
        if self.closed.load(SeqCst) {
            return false;
        }
        let look = || {
            self.stream.set_nonblocking(true)?;
            let seen = self.stream.peek(&mut [0]);
            self.stream.set_nonblocking(false)?;
            seen
        };
        match look() {
            Ok(bytes) => bytes > 0,
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// What a method was called with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    /// Those with a place.
    pub positional: Vec<Value>,
    /// Those with a name.
    pub named: Vec<(String, Value)>,
}

impl Arguments {
    /// Gives each name its argument, if there is one.
    ///
    /// # Errors
    ///
    /// `TypeError` when there are too many, one twice, or an unknown one.
    pub fn bind<const N: usize>(
        self,
        method: &str,
        names: [&str; N],
    ) -> Result<[Option<Value>; N], Fault> {
        let refuse = |what: String| {
            Err(Fault::raise("TypeError", &format!("{method}() {what}")))
        };
        let given = self.positional.len();
        if given > N {
            return refuse(format!(
                "takes {N} arguments but {given} were given"
            ));
        }
        let mut bound = [const { None }; N];
        for (slot, value) in bound.iter_mut().zip(self.positional) {
            *slot = Some(value);
        }
        for (name, value) in self.named {
            match names.iter().position(|n| *n == name) {
                Some(at) if bound[at].is_none() => bound[at] = Some(value),
                Some(_) => {
                    let twice = "got multiple values for argument";
                    return refuse(format!("{twice} '{name}'"));
                }
                None => {
                    let unknown = "got an unexpected keyword argument";
                    return refuse(format!("{unknown} '{name}'"));
                }
            }
        }
        Ok(bound)
    }
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It raised this exception.
    Raised(Object),
    /// There is no such method.
    Unknown(String),
    /// The caller is no longer there; nobody will see this.
    Gone,
}

impl Fault {
    /// One of Python's own exceptions, with a text.
    pub fn raise(class: &str, words: &str) -> Self {
        Self::Raised(Object::builtin(class, words))
    }
}

/// What a server has to tell.
#[derive(Debug)]
pub enum Event {
    /// A connection for calls: its number and where it comes from.
    Joined(u64, SocketAddr),
    /// It has hung up.
    Left(u64, SocketAddr),
    /// A connection was refused, or made no sense.
    Refused(SocketAddr, Error),
}

type Maker =
    Box<dyn Fn(Arguments) -> Result<Arc<dyn Shared>, Fault> + Send + Sync>;

/// A server that has its port, but does not serve yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    key: Key,
    makers: HashMap<String, Maker>,
    tell: Box<dyn Fn(Event) + Send + Sync>,
}

impl Server {
    /// Takes the port; port 0 is any that is free.
    ///
    /// # Errors
    ///
    /// When the port is in use, or the address not ours.
    pub fn bind(address: impl ToSocketAddrs, key: Key) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let (makers, tell) = (HashMap::new(), Box::new(|_| ()));
        Ok(Self { listener, address, key, makers, tell })
    }

    /// Shares one object under a name, as `register(name, callable=...)` does
    /// with a callable that always returns the same.
    #[must_use]
    pub fn share(self, name: &str, object: Arc<impl Shared + 'static>) -> Self {
        let create = name.to_string();
        self.make(name, move |arguments| {
            let [] = arguments.bind(&create, [])?;
            Ok(object.clone())
        })
    }

    /// Makes objects under a name: one for each client that asks, or one for
    /// all, as `maker` likes.
    #[must_use]
    pub fn make(
        mut self,
        name: &str,
        maker: impl Fn(Arguments) -> Result<Arc<dyn Shared>, Fault>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.makers.insert(name.into(), Box::new(maker));
        self
    }

    /// Whom to tell what happens. It is called by several threads.
    #[must_use]
    pub fn tell(
        mut self,
        tell: impl Fn(Event) + Send + Sync + 'static,
    ) -> Self {
        self.tell = Box::new(tell);
        self
    }

    /// Serves, in threads of its own.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(self) -> io::Result<Serving> {
        let Self { listener, address, key, makers, tell } = self;
        let inner = Arc::new(Inner {
            key,
            makers,
            tell,
            objects: Mutex::default(),
            connections: Mutex::default(),
            changed: Condvar::new(),
            next: AtomicU64::new(1),
            closed: Arc::default(),
        });
        let accepting = inner.clone();
        let name = thread::Builder::new().name("accepts".into());
        let accept = name.spawn(move || accepting.accept(&listener))?;
        Ok(Serving { inner, address, accept: Some(accept) })
    }
}

/// A server at work. Dropping it cuts off whoever is still there.
pub struct Serving {
    inner: Arc<Inner>,
    address: SocketAddr,
    accept: Option<JoinHandle<()>>,
}

impl Serving {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a client asks the server to shut down, as Python's
    /// `manager.shutdown()` does. Nothing else happens then.
    pub fn wait_for_shutdown(&self) {
        let mut connections = self.inner.connections.lock().unwrap();
        while !connections.shutdown {
            connections = self.inner.changed.wait(connections).unwrap();
        }
    }

    /// Waits until all clients have hung up, but no longer than `patience`,
    /// cuts off the rest, and gives the port back.
    pub fn shutdown(self, patience: Duration) {
        self.inner.wait_for_all(patience);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.inner.closed.store(true, SeqCst);
        let mut at = self.address;
        if at.ip().is_unspecified() {
            at.set_ip(match at {
                SocketAddr::V4(_) => [127, 0, 0, 1].into(),
                SocketAddr::V6(_) => [0, 0, 0, 0, 0, 0, 0, 1].into(),
            });
        }
        // Wakes up whoever accepts; it then sees that we have closed.
        let woken = TcpStream::connect_timeout(&at, Duration::from_secs(1));
        if let (Ok(_), Some(accept)) = (woken, self.accept.take()) {
            let _ = accept.join();
        }
        for stream in self.inner.connections.lock().unwrap().open.values() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        self.inner.wait_for_all(Duration::from_secs(2));
    }
}

/// At most so many connections may be in the handshake at once.
const MAX_STRANGERS: usize = 256;

struct Inner {
    key: Key,
    makers: HashMap<String, Maker>,
    tell: Box<dyn Fn(Event) + Send + Sync>,
    objects: Mutex<Objects>,
    connections: Mutex<Connections>,
    /// The connections have.
    changed: Condvar,
    /// The number of the next connection.
    next: AtomicU64,
    closed: Arc<AtomicBool>,
}

#[derive(Default)]
struct Connections {
    open: HashMap<u64, TcpStream>,
    /// How many of them have not shown yet that they know the key.
    strangers: usize,
    shutdown: bool,
}

#[derive(Default)]
struct Objects {
    by_ident: HashMap<String, Entry>,
    last: u64,
}

/// An object, and how many proxies of clients refer to it.
struct Entry {
    object: Arc<dyn Shared>,
    name: String,
    count: usize,
}

/// Takes a connection off the list when its thread ends, however it ends.
struct Listed<'a> {
    inner: &'a Inner,
    id: u64,
    stranger: bool,
}

impl Listed<'_> {
    fn is_known(&mut self) {
        if std::mem::take(&mut self.stranger) {
            self.inner.connections.lock().unwrap().strangers -= 1;
        }
    }
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.is_known();
        self.inner.connections.lock().unwrap().open.remove(&self.id);
        self.inner.changed.notify_all();
    }
}

impl Inner {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        loop {
            let accepted = listener.accept();
            if self.closed.load(SeqCst) {
                return;
            }
            match accepted {
                Ok((stream, peer)) => self.welcome(stream, peer),
                // No more file descriptors, mostly: somebody will hang up.
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Gives a connection its thread; hangs up when there are too many.
    fn welcome(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let id = self.next.fetch_add(1, SeqCst);
        {
            let mut connections = self.connections.lock().unwrap();
            let Ok(handle) = stream.try_clone() else {
                return;
            };
            if connections.strangers == MAX_STRANGERS {
                return;
            }
            connections.strangers += 1;
            connections.open.insert(id, handle);
        }
        let inner = self.clone();
        let name = thread::Builder::new().name(format!("connection {id}"));
        let started = name.spawn(move || {
            let mut listed = Listed { inner: &inner, id, stranger: true };
            if let Err(error) = inner.serve(stream, peer, &mut listed) {
                (inner.tell)(Event::Refused(peer, error));
            }
        });
        if started.is_err() {
            drop(Listed { inner: self, id, stranger: true });
        }
    }

    fn wait_for_all(&self, patience: Duration) {
        let end = Instant::now() + patience;
        let mut connections = self.connections.lock().unwrap();
        while !connections.open.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let woken = self.changed.wait_timeout(connections, left);
            connections = woken.unwrap().0;
        }
    }

    /// The handshake, and the first request: most connections bring no other.
    fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        listed: &mut Listed<'_>,
    ) -> Result<(), Error> {
        let handle = stream.try_clone()?;
        let mut wire = Wire::new(stream)?;
        wire.set_deadline(Instant::now() + HANDSHAKE_TIME);
        auth::greet(&mut wire, &self.key)?;
        let first = read_frame(&mut wire, MAX_FRAME)?;
        wire.set_patience(None)?;
        listed.is_known();
        let Some(first) = first else {
            return Ok(());
        };
        let (method, reply) = match Request::read(&first) {
            Ok(Request { ident: None, method, arguments }) => {
                let reply = self.administer(&method, arguments);
                (method, reply)
            }
            Ok(request) => {
                let words = format!("'{}' unrecognized", request.method);
                (request.method, traceback("AssertionError", &words))
            }
            Err(error) => (String::new(), unread(&error)),
        };
        write_frame(&mut wire, &pickle::write(&reply))?;
        if method == "accept_connection" && is_return(&reply) {
            let (id, closed) = (listed.id, self.closed.clone());
            let caller = Caller { id, peer, stream: handle, closed };
            (self.tell)(Event::Joined(id, peer));
            self.serve_calls(&mut wire, &caller);
            (self.tell)(Event::Left(id, peer));
        }
        Ok(())
    }

    /// Requests and replies, until the client hangs up.
    fn serve_calls(&self, wire: &mut Wire, caller: &Caller) {
        let mut called = HashMap::new();
        while let Ok(Some(frame)) = read_frame(wire, MAX_FRAME) {
            if self.answer(wire, caller, &frame, &mut called).is_err() {
                break;
            }
        }
        for object in called.into_values() {
            object.hung_up(caller);
        }
    }

    fn answer(
        &self,
        wire: &mut Wire,
        caller: &Caller,
        frame: &[u8],
        called: &mut HashMap<String, Arc<dyn Shared>>,
    ) -> io::Result<()> {
        let write = |wire: &mut Wire, reply: &Value| {
            write_frame(wire, &pickle::write(reply))
        };
        let (ident, method, arguments) = match Request::read(frame) {
            Ok(Request { ident: Some(ident), method, arguments }) => {
                (ident, method, arguments)
            }
            Ok(_) => return write(wire, &traceback("KeyError", "None")),
            Err(error) => return write(wire, &unread(&error)),
        };
        let Some(object) = self.find(&ident) else {
            return write(wire, &traceback("KeyError", &quoted(&ident)));
        };
        called.entry(ident).or_insert_with(|| object.clone());
        if !object.exposed().contains(&&*method) {
            return write(wire, &fallback(&method));
        }
        let began = Instant::now();
        let value = match object.call(caller, &method, arguments) {
            Ok(value) => value,
            Err(Fault::Raised(exception)) => {
                return write(wire, &reply("#ERROR", exception.into()));
            }
            Err(Fault::Unknown(name)) => {
                return write(wire, &traceback("KeyError", &quoted(&name)));
            }
            Err(Fault::Gone) => return Err(ErrorKind::BrokenPipe.into()),
        };
        let waited = began.elapsed() > Duration::from_millis(1);
        let reply = reply("#RETURN", value);
        let written = match waited && !caller.is_there() {
            true => Err(ErrorKind::BrokenPipe.into()),
            false => write(wire, &reply),
        };
        if let (Err(_), Value::Tuple(mut parts)) = (&written, reply) {
            let value = parts.pop().expect("the kind, and the value");
            object.undelivered(caller, &method, value);
        }
        written
    }

    fn find(&self, ident: &str) -> Option<Arc<dyn Shared>> {
        let objects = self.objects.lock().unwrap();
        objects.by_ident.get(ident).map(|entry| entry.object.clone())
    }

    /// What the server itself is asked for.
    fn administer(&self, method: &str, arguments: Arguments) -> Value {
        match method {
            "dummy" | "accept_connection" => none(),
            "create" => self.create(arguments),
            "incref" => self.count(arguments, 1),
            "decref" => self.count(arguments, -1),
            "get_methods" => self.methods(arguments),
            "number_of_objects" => {
                let number = self.objects.lock().unwrap().by_ident.len();
                reply("#RETURN", (number as i64).into())
            }
            "debug_info" => reply("#RETURN", self.list().into()),
            "shutdown" => {
                self.connections.lock().unwrap().shutdown = true;
                self.changed.notify_all();
                none()
            }
            other => {
                traceback("AssertionError", &format!("'{other}' unrecognized"))
            }
        }
    }

    fn create(&self, mut arguments: Arguments) -> Value {
        if arguments.positional.is_empty() {
            return traceback("TypeError", "create() needs a name");
        }
        let name = arguments.positional.remove(0);
        let name = name.as_str().unwrap_or_default();
        let Some(maker) = self.makers.get(name) else {
            return traceback("KeyError", &quoted(name));
        };
        let object = match maker(arguments) {
            Ok(object) => object,
            Err(Fault::Raised(e)) => return traceback_of(&e),
            Err(_) => return traceback("RuntimeError", "not created"),
        };
        let exposed = object.exposed().iter().map(|name| Value::from(*name));
        let exposed = Value::Tuple(exposed.collect());
        let ident = self.objects.lock().unwrap().add(name, object);
        reply("#RETURN", Value::Tuple(vec![ident.into(), exposed]))
    }

    fn count(&self, arguments: Arguments, by: isize) -> Value {
        let ident = arguments.positional.first().and_then(Value::as_str);
        let ident = ident.unwrap_or_default();
        let mut objects = self.objects.lock().unwrap();
        let Some(entry) = objects.by_ident.get_mut(ident) else {
            return traceback("KeyError", &quoted(ident));
        };
        entry.count = entry.count.saturating_add_signed(by);
        if entry.count == 0 {
            objects.by_ident.remove(ident);
        }
        none()
    }

    /// The methods of the object that a token names.
    fn methods(&self, arguments: Arguments) -> Value {
        let ident = match arguments.positional.first() {
            Some(Value::Object(token)) if token.class.name == "Token" => {
                let state = token.state.as_ref().and_then(Value::as_tuple);
                state.and_then(|state| state.get(2)?.as_str())
            }
            _ => None,
        };
        let Some(object) = ident.and_then(|ident| self.find(ident)) else {
            return traceback("KeyError", &quoted(ident.unwrap_or_default()));
        };
        let exposed = object.exposed().iter().map(|name| Value::from(*name));
        reply("#RETURN", Value::Tuple(exposed.collect()))
    }

    fn list(&self) -> String {
        let objects = self.objects.lock().unwrap();
        let mut lines: Vec<_> = objects
            .by_ident
            .iter()
            .map(|(ident, Entry { name, count, .. })| {
                format!("  {ident}:       refcount={count}\n    {name}")
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }
}

impl Objects {
    /// Adds a reference to an object, known or new. Its ident is a number,
    /// and not an address, which would be nobody's business.
    fn add(&mut self, name: &str, object: Arc<dyn Shared>) -> String {
        let at = Arc::as_ptr(&object).cast::<()>();
        let known = self.by_ident.iter_mut().find(|(_, entry)| {
            entry.name == name && Arc::as_ptr(&entry.object).cast() == at
        });
        if let Some((ident, entry)) = known {
            entry.count += 1;
            return ident.clone();
        }
        self.last += 1;
        let ident = format!("{:x}", self.last);
        let entry = Entry { object, name: name.into(), count: 1 };
        self.by_ident.insert(ident.clone(), entry);
        ident
    }
}

/// What a client asks for: `(ident, methodname, args, kwds)`.
struct Request {
    /// Which object; none: the server itself.
    ident: Option<String>,
    method: String,
    arguments: Arguments,
}

impl Request {
    fn read(frame: &[u8]) -> Result<Self, pickle::Error> {
        let nonsense = pickle::Error::Broken("this is no request");
        let Value::Tuple(parts) = pickle::read(frame)? else {
            return Err(nonsense);
        };
        let Ok([ident, method, args, kwds]) = <[Value; 4]>::try_from(parts)
        else {
            return Err(nonsense);
        };
        let ident = match ident {
            Value::None => None,
            Value::Str(ident) => Some(ident),
            _ => return Err(nonsense),
        };
        let (Value::Str(method), Value::Tuple(positional), Value::Dict(kwds)) =
            (method, args, kwds)
        else {
            return Err(nonsense);
        };
        let named = kwds.into_iter().map(|(name, value)| match name {
            Value::Str(name) => Ok((name, value)),
            _ => Err(nonsense.clone()),
        });
        let named = named.collect::<Result<_, _>>()?;
        Ok(Self { ident, method, arguments: Arguments { positional, named } })
    }
}

fn reply(kind: &str, value: Value) -> Value {
    Value::Tuple(vec![kind.into(), value])
}

fn none() -> Value {
    reply("#RETURN", Value::None)
}

fn is_return(reply: &Value) -> bool {
    matches!(reply, Value::Tuple(parts) if parts[0] == "#RETURN".into())
}

fn quoted(name: &str) -> String {
    format!("'{name}'")
}

/// What a Python client shows as a `RemoteError`.
fn traceback(class: &str, words: &str) -> Value {
    let text =
        format!("Traceback: the server is not Python\n{class}: {words}\n");
    reply("#TRACEBACK", text.into())
}

fn traceback_of(exception: &Object) -> Value {
    let text = format!("Traceback: the server is not Python\n{exception}\n");
    reply("#TRACEBACK", text.into())
}

fn unread(error: &pickle::Error) -> Value {
    let words = format!("the server does not take {error}");
    match error {
        pickle::Error::Object(_) => {
            reply("#ERROR", Object::builtin("TypeError", &words).into())
        }
        _ => traceback("UnpicklingError", &words),
    }
}

/// What every proxy may be asked, whatever its object exposes.
fn fallback(method: &str) -> Value {
    match method {
        "__str__" | "__repr__" => {
            reply("#RETURN", "<an object of a server in Rust>".into())
        }
        "#GETVALUE" => reply("#UNSERIALIZABLE", "an object in Rust".into()),
        _ => traceback("KeyError", &quoted(method)),
    }
}
