//! A proxy: what a server keeps for a client, which calls it by name.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::error::Error;
use crate::message::{receive, send};
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

impl Proxy {
    pub(crate) fn new(
        client: Client,
        ident: String,
        methods: Vec<String>,
    ) -> Self {
        Self { client, ident, methods }
    }

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

    /// A `put` and another proxy's `get`, sent together: the second request
    /// does not wait for the first one's reply. Each may wait so long. Returns
    /// what both do; `get` is called also when `put` fails.
    ///
    /// # Errors
    ///
    /// When the connection fails before `put` has returned, or the item
    /// cannot be sent; nothing was got then.
    #[expect(clippy::type_complexity)]
    pub fn put_and_get(
        &self,
        item: impl Into<Value>,
        from: &Self,
        wait: Duration,
    ) -> Result<(Result<(), Error>, Result<Value, Error>), Error> {
        let item = vec![item.into()];
        let time = wait.saturating_mul(2);
        let both = self.client.with_connection(time, |connection, limits| {
            let ident = self.ident.as_str().into();
            send(connection, ident, "put", item, timeout(wait), limits)?;
            let ident = from.ident.as_str().into();
            let nothing = Vec::new();
            send(connection, ident, "get", nothing, timeout(wait), limits)?;
            let put = lasting(receive(connection, limits))?;
            Ok((put.map(drop), receive(connection, limits)))
        });
        if matches!(both, Ok((_, Err(Error::Io(_))))) {
            // The item was put; the connection is of no more use.
            let failed = |_: &mut _, _: &_| Err::<(), _>(Error::closed());
            let _ = self.client.with_connection(Duration::ZERO, failed);
        }
        both
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

/// Sets an error aside with which the connection goes on.
fn lasting<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(Error::Io(error)) => Err(error.into()),
        other => Ok(other),
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
