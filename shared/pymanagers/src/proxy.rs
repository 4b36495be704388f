//! A proxy: what a server keeps for a client, which calls it by name.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::error::Error;
use crate::message::{Request, receive, send};
use crate::value::Value;

/// An object of the server. Its methods may be called by several threads at
/// once. When it is dropped, the server gets its reference back.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use pymanagers::{Client, Key, Queue, Server};
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("get_queue", Arc::new(Queue::new(1)))
///     .start()?;
/// let queue = Client::connect(server.address(), &key)?.proxy("get_queue")?;
/// let wait = Duration::from_millis(10);
/// queue.put("spam", wait)?;
/// assert!(queue.put("eggs", wait).unwrap_err().is_full());
/// assert_eq!(queue.get(wait)?, "spam".into());
/// assert!(queue.get(wait).unwrap_err().is_empty());
/// assert_eq!(queue.call("full", vec![])?, false.into());
/// # Ok::<(), pymanagers::Error>(())
/// ```
#[derive(Debug)]
pub struct Proxy {
    client: Client,
    ident: String,
    methods: Vec<String>,
}

impl Client {
    /// A proxy of what the server has registered under this name.
    ///
    /// # Errors
    ///
    /// When the server does not know the name, or has gone.
    pub fn proxy(&self, name: &str) -> Result<Proxy, Error> {
        self.create(name, &[])
    }

    /// The same with arguments for the function that makes the object.
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
        let made = self.ask("create", positional);
        let made = made.map_err(|error| match error {
            Error::Remote(line) if line == format!("KeyError: '{name}'") => {
                Error::Remote(format!("the server does not know '{name}'"))
            }
            other => other,
        })?;
        let Some([Value::Str(ident), Value::Tuple(methods)]) = made.as_tuple()
        else {
            let reason = "the server has created nothing";
            return Err(Error::Protocol(reason.into()));
        };
        let methods = methods.iter().filter_map(Value::as_str);
        let methods = methods.map(String::from).collect();
        let client = self.clone();
        Ok(Proxy { client, ident: ident.clone(), methods })
    }
}

impl Proxy {
    /// The client that it was made by.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the object has this method.
    pub fn has_method(&self, method: &str) -> bool {
        self.methods.iter().any(|name| name == method)
    }

    /// Calls a method with positional arguments.
    ///
    /// # Errors
    ///
    /// What it raises, and all that can happen to a connection. When it is an
    /// [`Error::Io`], this thread's connection is closed, and its calls fail:
    /// make a new client then.
    pub fn call(
        &self,
        method: &str,
        positional: Vec<Value>,
    ) -> Result<Value, Error> {
        self.call_waiting(method, positional, Vec::new(), Duration::ZERO)
    }

    /// Calls a method, also with keyword arguments, which is asked to wait so
    /// long at most: the reply may take longer by that much.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub fn call_waiting(
        &self,
        method: &str,
        positional: Vec<Value>,
        keywords: Vec<(Value, Value)>,
        wait: Duration,
    ) -> Result<Value, Error> {
        let ident = self.ident.as_str().into();
        self.client.with_connection(wait, |connection, limits| {
            send(connection, ident, method, positional, keywords, limits)?;
            receive(connection, limits)
        })
    }

    /// A call for [`Client::pipeline`], which makes it.
    pub fn request(
        &self,
        method: &str,
        positional: Vec<Value>,
        keywords: Vec<(Value, Value)>,
        wait: Duration,
    ) -> Request {
        let ident = self.ident.clone();
        let method = method.to_string();
        Request { ident, method, positional, keywords, wait }
    }

    /// The call that [`put`](Self::put) makes.
    pub fn put_request(
        &self,
        item: impl Into<Value>,
        wait: Duration,
    ) -> Request {
        self.request("put", vec![item.into()], timeout(wait), wait)
    }

    /// The call that [`get`](Self::get) makes.
    pub fn get_request(&self, wait: Duration) -> Request {
        self.request("get", Vec::new(), timeout(wait), wait)
    }

    /// Python's `put(item, timeout=...)`; [`Duration::MAX`] is no timeout.
    ///
    /// # Errors
    ///
    /// `queue.Full` when there was no room, and as for [`call`](Self::call).
    pub fn put(
        &self,
        item: impl Into<Value>,
        wait: Duration,
    ) -> Result<(), Error> {
        let item = vec![item.into()];
        self.call_waiting("put", item, timeout(wait), wait).map(drop)
    }

    /// Python's `get(timeout=...)`; [`Duration::MAX`] is no timeout.
    ///
    /// # Errors
    ///
    /// `queue.Empty` when nothing came, and as for [`call`](Self::call).
    pub fn get(&self, wait: Duration) -> Result<Value, Error> {
        self.call_waiting("get", Vec::new(), timeout(wait), wait)
    }

    /// Python's `qsize()`.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub fn qsize(&self) -> Result<usize, Error> {
        match self.call("qsize", Vec::new())? {
            // Not our reply, but CPython's last message: it shuts down, and its
            // `accept_connection` returns.
            Value::None => Err(Error::closed()),
            Value::Int(size @ 0..) => Ok(size as usize),
            other => {
                Err(Error::Protocol(format!("{other} is no size of a queue")))
            }
        }
    }

    /// Python's `task_done()`.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub fn task_done(&self) -> Result<(), Error> {
        self.call("task_done", Vec::new()).map(drop)
    }
}

impl Drop for Proxy {
    /// Gives the reference back, unless the server has gone.
    fn drop(&mut self) {
        if self.client.is_usable() {
            let ident = vec![self.ident.as_str().into()];
            let _ = self.client.ask("decref", ident);
        }
    }
}

/// Python's argument of that name.
fn timeout(wait: Duration) -> Vec<(Value, Value)> {
    match Instant::now().checked_add(wait) {
        None => Vec::new(),
        Some(_) => {
            vec![("timeout".into(), Value::Float(wait.as_secs_f64()))]
        }
    }
}
