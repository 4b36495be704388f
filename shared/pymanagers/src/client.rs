//! The client: a connection to a server, Python's or ours, and proxies of
//! what is there.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::auth::{self, Key};
use super::error::Error;
use super::value::{Object, Value};
use super::wire::{MAX_FRAME, Wire, read_frame, write_frame};
use super::{HANDSHAKE_TIME, pickle};

/// How long a server may take for a call, beyond what the call may wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client of a server.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    addresses: Vec<SocketAddr>,
    key: Key,
    /// The connection for calls; none after it has failed.
    calls: Mutex<Option<Wire>>,
}

impl Client {
    /// Connects, and shows that it knows the key.
    ///
    /// # Errors
    ///
    /// When nobody is there, or does not answer within five seconds, or one
    /// of the two does not know the key.
    pub fn connect(
        address: impl ToSocketAddrs,
        key: &Key,
    ) -> Result<Self, Error> {
        let addresses = address.to_socket_addrs()?.collect();
        let (key, calls) = (key.clone(), Mutex::default());
        let inner = Inner { addresses, key, calls };
        let mut wire = inner.dial()?;
        let name = format!("Rust-{}", std::process::id());
        let arguments = Value::Tuple(vec![name.into()]);
        let nobody = Value::None;
        call(
            &mut wire,
            nobody,
            "accept_connection",
            arguments,
            none(),
            PATIENCE,
        )?;
        *inner.calls.lock().unwrap() = Some(wire);
        Ok(Self(Arc::new(inner)))
    }

    /// A proxy of what the server has registered under this name.
    ///
    /// # Errors
    ///
    /// When the server does not know the name, or has gone.
    pub fn queue(&self, name: &str) -> Result<Proxy, Error> {
        self.create(name, &[])
    }

    /// The same with arguments for whoever makes the object.
    ///
    /// # Errors
    ///
    /// When the server does not know the name, refuses, or has gone.
    pub fn create(
        &self,
        name: &str,
        arguments: &[Value],
    ) -> Result<Proxy, Error> {
        let mut positional = vec![name.into()];
        positional.extend_from_slice(arguments);
        let made = self.0.ask("create", Value::Tuple(positional));
        let made = made.map_err(|error| match error {
            Error::Remote(line) if line == format!("KeyError: '{name}'") => {
                Error::Remote(format!("the server does not know '{name}'"))
            }
            other => other,
        })?;
        let Some([Value::Str(ident), Value::Tuple(exposed)]) = made.as_tuple()
        else {
            let words = "the server has created nothing";
            return Err(Error::Protocol(words.into()));
        };
        let (client, ident) = (self.clone(), ident.clone());
        let exposed = exposed.iter().filter_map(Value::as_str);
        let exposed = exposed.map(String::from).collect();
        Ok(Proxy { client, ident, exposed })
    }
}

impl Inner {
    /// A new connection, greeted.
    fn dial(&self) -> Result<Wire, Error> {
        let end = Instant::now() + HANDSHAKE_TIME;
        let mut failed = ErrorKind::AddrNotAvailable.into();
        for address in &self.addresses {
            let left = end.saturating_duration_since(Instant::now());
            let left = left.max(Duration::from_millis(1));
            match TcpStream::connect_timeout(address, left) {
                Ok(stream) if is_ourselves(&stream) => {
                    failed = ErrorKind::ConnectionRefused.into();
                }
                Ok(stream) => {
                    let mut wire = Wire::new(stream)?;
                    wire.set_deadline(end);
                    auth::knock(&mut wire, &self.key)?;
                    return Ok(wire);
                }
                Err(error) => failed = error,
            }
        }
        Err(Error::Io(failed))
    }

    /// Asks the server itself, on a connection that is for this alone.
    fn ask(&self, method: &str, arguments: Value) -> Result<Value, Error> {
        let mut wire = self.dial()?;
        call(&mut wire, Value::None, method, arguments, none(), PATIENCE)
    }
}

/// Whether nobody listens there, but the system has given that very port to
/// our own end: what we say, we would hear. The port must be free again at
/// once, for the server that comes back.
fn is_ourselves(stream: &TcpStream) -> bool {
    let ends = (stream.local_addr(), stream.peer_addr());
    let same = matches!(ends, (Ok(ours), Ok(theirs)) if ours == theirs);
    if same {
        let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    }
    same
}

fn none() -> Value {
    Value::Dict(Vec::new())
}

/// What a server keeps for us, and we call by name.
#[derive(Debug)]
pub struct Proxy {
    client: Client,
    ident: String,
    exposed: Vec<String>,
}

impl Proxy {
    /// Whether the object has this method.
    pub fn exposes(&self, method: &str) -> bool {
        self.exposed.iter().any(|name| name == method)
    }

    /// Calls a method, which may take as long as `wait`.
    ///
    /// # Errors
    ///
    /// What it raises, and all that can happen to a connection; after that
    /// the client is of no more use.
    pub fn call(
        &self,
        method: &str,
        positional: Vec<Value>,
        named: Vec<(Value, Value)>,
        wait: Duration,
    ) -> Result<Value, Error> {
        let mut calls = self.client.0.calls.lock().unwrap();
        let wire = calls.as_mut().ok_or_else(Error::hung_up)?;
        let ident = self.ident.as_str().into();
        let arguments = (Value::Tuple(positional), Value::Dict(named));
        let time = wait.saturating_add(PATIENCE);
        let result = call(wire, ident, method, arguments.0, arguments.1, time);
        if matches!(result, Err(Error::Io(_))) {
            *calls = None; // Nobody knows what would be read next.
        }
        result
    }

    /// Python's `put(item)`.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub fn put(&self, item: Value) -> Result<(), Error> {
        let done = self.call("put", vec![item], Vec::new(), Duration::ZERO);
        done.map(drop)
    }

    /// Python's `get(timeout=...)`.
    ///
    /// # Errors
    ///
    /// `queue.Empty` when nothing came, and as for [`call`](Self::call).
    pub fn get(&self, wait: Duration) -> Result<Value, Error> {
        self.call("get", Vec::new(), vec![timeout(wait)], wait)
    }

    /// A `put` and another proxy's `get` on the way together: the second
    /// request does not wait for the first one's reply. Returns what `get`
    /// does.
    ///
    /// # Errors
    ///
    /// The `put`'s; after that the client is of no more use.
    pub fn put_and_get(
        &self,
        item: Value,
        from: &Self,
        wait: Duration,
    ) -> Result<Result<Value, Error>, Error> {
        let (put, get) = (self.ident.as_str(), from.ident.as_str());
        let item = Value::Tuple(vec![item]);
        let timeout = Value::Dict(vec![timeout(wait)]);
        let mut calls = self.client.0.calls.lock().unwrap();
        let wire = calls.as_mut().ok_or_else(Error::hung_up)?;
        let done = send(wire, put.into(), "put", item, none())
            .and_then(|()| {
                let nothing = Value::Tuple(Vec::new());
                send(wire, get.into(), "get", nothing, timeout)
            })
            .and_then(|()| receive(wire, PATIENCE));
        let got = match done {
            Ok(_) => Ok(receive(wire, wait.saturating_add(PATIENCE))),
            Err(error) => Err(error),
        };
        if matches!(got, Err(_) | Ok(Err(Error::Io(_)))) {
            *calls = None; // Nobody knows what would be read next.
        }
        got
    }

    /// Python's `qsize()`.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub fn qsize(&self) -> Result<usize, Error> {
        let none = Vec::new();
        match self.call("qsize", none, Vec::new(), Duration::ZERO)? {
            // Not our reply, but CPython's last word: it shuts down, and its
            // `accept_connection` returns.
            Value::None => Err(Error::hung_up()),
            Value::Int(size @ 0..) => Ok(size as usize),
            other => {
                Err(Error::Protocol(format!("{other} is no size of a queue")))
            }
        }
    }
}

impl Drop for Proxy {
    /// Tells the server, unless it has gone, that nobody refers to it here.
    fn drop(&mut self) {
        if self.client.0.calls.lock().unwrap().is_some() {
            let ident = Value::Tuple(vec![self.ident.as_str().into()]);
            let _ = self.client.0.ask("decref", ident);
        }
    }
}

/// Python's argument of that name.
fn timeout(wait: Duration) -> (Value, Value) {
    ("timeout".into(), Value::Float(wait.as_secs_f64()))
}

/// A request, and its reply.
fn call(
    wire: &mut Wire,
    ident: Value,
    method: &str,
    positional: Value,
    named: Value,
    time: Duration,
) -> Result<Value, Error> {
    send(wire, ident, method, positional, named)?;
    receive(wire, time)
}

fn send(
    wire: &mut Wire,
    ident: Value,
    method: &str,
    positional: Value,
    named: Value,
) -> Result<(), Error> {
    let request = vec![ident, method.into(), positional, named];
    let request = pickle::write(&Value::Tuple(request));
    Ok(write_frame(wire, &request)?)
}

fn receive(wire: &mut Wire, time: Duration) -> Result<Value, Error> {
    wire.set_patience(Some(time))?;
    let frame = read_frame(wire, MAX_FRAME).map_err(silent)?;
    let reply = pickle::read_any(&frame.ok_or_else(Error::hung_up)?)?;
    let nonsense = || Error::Protocol("the server's reply is none".into());
    let Value::Tuple(parts) = reply else {
        return Err(nonsense());
    };
    let [kind, value] =
        <[Value; 2]>::try_from(parts).map_err(|_| nonsense())?;
    match (kind.as_str(), value) {
        (Some("#RETURN"), value) => Ok(value),
        (Some("#ERROR"), Value::Object(raised)) => Err(Error::Raised(*raised)),
        (Some("#ERROR"), Value::Class(class)) => {
            let (args, state) = (Vec::new(), None);
            Err(Error::Raised(Object { class, args, state }))
        }
        (Some("#TRACEBACK" | "#UNSERIALIZABLE"), Value::Str(text)) => {
            let last = text.trim_end().lines().last().unwrap_or_default();
            let last = last.trim_matches('-');
            Err(Error::Remote(last.into()))
        }
        _ => Err(nonsense()),
    }
}

fn silent(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::TimedOut => {
            io::Error::new(ErrorKind::TimedOut, "the server does not answer")
        }
        _ => error,
    }
}
