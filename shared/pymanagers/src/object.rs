//! Objects that clients share: their methods, the caller, and the arguments.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use crate::address::Socket;
use crate::pickle;
use crate::value::{Object, Value};

/// An object whose methods clients call.
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicI64, Ordering}};
/// use pymanagers::{
///     Arguments, CallError, Caller, Client, Key, ManagedObject, Server, Value,
/// };
///
/// struct Counter(AtomicI64);
///
/// impl ManagedObject for Counter {
///     fn methods(&self) -> &[&str] {
///         &["add"]
///     }
///
///     fn call(
///         &self,
///         _: &Caller,
///         method: &str,
///         arguments: Arguments,
///     ) -> Result<Value, CallError> {
///         let [amount] = arguments.bind(method, ["amount"])?;
///         let amount = amount.as_ref().and_then(Value::as_int).unwrap_or(1);
///         let before = self.0.fetch_add(amount, Ordering::SeqCst);
///         Ok((before + amount).into())
///     }
/// }
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("counter", Arc::new(Counter(AtomicI64::new(40))))
///     .start()?;
/// let client = Client::connect(server.address(), &key)?;
/// let counter = client.proxy("counter")?;
/// assert_eq!(counter.call("add", vec![2.into()])?, 42.into());
/// # Ok::<(), pymanagers::Error>(())
/// ```
///
/// Calls come from several threads, one for each connection.
pub trait ManagedObject: Send + Sync {
    /// The methods that clients may call.
    fn methods(&self) -> &[&str];

    /// Calls one of them. A call that waits looks at times whether its caller
    /// [is connected](Caller::is_connected), and returns
    /// [`CallError::Disconnected`] when it is not.
    ///
    /// # Errors
    ///
    /// What the caller gets as an exception.
    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError>;

    /// The whole of it as a value, if it is one: for Python's
    /// `proxy._getvalue()` and `str(proxy)`.
    fn value(&self) -> Option<Value> {
        None
    }

    /// The caller has not got what `method` returned: its connection broke.
    fn undelivered(&self, _caller: &Caller, _method: &str, _value: Value) {}

    /// What `method` returned cannot be written: it exceeds the limits. The
    /// caller gets an exception that says so.
    fn unwritable(
        &self,
        _caller: &Caller,
        _method: &str,
        _value: Value,
        _error: &pickle::Error,
    ) {
    }

    /// A connection over which methods of this object were called has closed.
    fn disconnected(&self, _caller: &Caller, _end: ConnectionEnd) {}

    /// A process on `host` has made a proxy of this object (or copied one), or
    /// has deleted one; `held` is how many the processes on that host have now.
    fn references_changed(&self, _host: IpAddr, _held: usize) {}
}

/// How a connection ended.
///
/// The protocol has no farewell. But a Python process that deletes its proxies,
/// or exits, gives the references back first, over connections of their own,
/// and closes its connection for calls then. A process that is killed gives
/// nothing back. (A thread that ends closes its connection too, and its
/// process keeps the proxies.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionEnd {
    /// The references to every object that was called had been given back.
    Released,
    /// A reference to an object that was called was still held.
    Abandoned,
}

/// A client's connection, seen from the server.
#[derive(Clone, Debug)]
pub struct Caller {
    /// A number that no other connection of this server has.
    pub id: u64,
    /// Where it comes from.
    pub peer: SocketAddr,
    /// What the client calls itself. CPython sends the name of the process,
    /// and of the thread if it is not the main one: `MainProcess`, or
    /// `Process-1|Thread-2`.
    pub name: String,
    pub(crate) socket: Arc<Socket>,
    pub(crate) closed: Arc<AtomicBool>,
}

impl Caller {
    /// Whether the client still waits for the reply.
    pub fn is_connected(&self) -> bool {
        !self.closed.load(SeqCst) && self.socket.is_open()
    }

    /// Whether it is the connection of a process's main thread, as far as its
    /// name says: only such a connection ends with the process, never before.
    pub fn is_main_thread(&self) -> bool {
        !self.name.contains('|')
    }

    /// Returns an error when the client does not wait any more, for use in a
    /// call that waits.
    ///
    /// # Errors
    ///
    /// [`CallError::Disconnected`].
    pub fn check_connected(&self) -> Result<(), CallError> {
        match self.is_connected() {
            true => Ok(()),
            false => Err(CallError::Disconnected),
        }
    }
}

/// What a method was called with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    /// The positional ones.
    pub positional: Vec<Value>,
    /// The keyword arguments.
    pub keywords: Vec<(String, Value)>,
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
    ) -> Result<[Option<Value>; N], CallError> {
        let refuse = |what: String| {
            Err(CallError::raise("TypeError", &format!("{method}() {what}")))
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
        for (name, value) in self.keywords {
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

    /// As [`bind`](Self::bind), and each of the names must have its argument.
    ///
    /// # Errors
    ///
    /// `TypeError` also when one is missing.
    pub fn require<const N: usize>(
        self,
        method: &str,
        names: [&str; N],
    ) -> Result<[Value; N], CallError> {
        let mut bound = self.bind(method, names)?;
        if let Some(at) = bound.iter().position(Option::is_none) {
            return Err(CallError::missing(method, names[at]));
        }
        Ok(std::array::from_fn(|i| bound[i].take().expect("all are there")))
    }
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq)]
pub enum CallError {
    /// It raised this exception.
    Raised(Box<Object>),
    /// There is no such method.
    Unknown(String),
    /// The caller is no longer there to read an answer.
    Disconnected,
}

impl From<Object> for CallError {
    fn from(exception: Object) -> Self {
        Self::Raised(Box::new(exception))
    }
}

impl CallError {
    /// One of Python's built-in exceptions, with a text.
    pub fn raise(class: &str, text: &str) -> Self {
        Object::builtin(class, text).into()
    }

    pub(crate) fn missing(method: &str, argument: &str) -> Self {
        let text = format!(
            "{method}() missing 1 required positional argument: '{argument}'"
        );
        Self::raise("TypeError", &text)
    }
}
