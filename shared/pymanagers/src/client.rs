//! The client: connections to a server, Python's or ours.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::address::{Address, Resolved, Socket};
use crate::auth::{self, Key};
use crate::connection::Connection;
use crate::error::Error;
use crate::message::{Request, receive, send, send_frames};
use crate::pickle::Limits;
use crate::value::Value;

/// How long a client waits, and how large values may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// For connecting to one address, the handshake included. A name may have
    /// several addresses, which are tried in turn. (How long the system takes
    /// to look a name up is its own setting.)
    pub connect_timeout: Duration,
    /// For a call: from its first byte to the last one of its reply, beyond
    /// the time that the method itself is asked to wait.
    pub call_timeout: Duration,
    /// For values that are sent and received.
    pub limits: Limits,
}

impl Default for Options {
    /// Five seconds to connect, a minute for a call.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(60),
            limits: Limits::default(),
        }
    }
}

/// A client of a server. Each thread that calls something has a connection of
/// its own, as in CPython: no call waits for another thread's. The connection
/// is closed when the thread ends, or the last handle of the client is
/// dropped.
///
/// ```
/// use std::sync::Arc;
/// use std::thread;
/// use std::time::Duration;
/// use pymanagers::{Client, Key, Queue, Server};
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("get_queue", Arc::new(Queue::new(0)))
///     .start()?;
/// let client = Client::connect(server.address(), &key)?;
/// let queue = client.proxy("get_queue")?;
/// thread::scope(|s| {
///     let waits = s.spawn(|| queue.get(Duration::from_secs(60)));
///     queue.put(3411, Duration::ZERO)?;
///     assert_eq!(waits.join().unwrap()?, 3411.into());
///     Ok(())
/// })
/// # as Result<(), pymanagers::Error>
/// # ;
/// # Ok::<(), pymanagers::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: Address,
    key: Key,
    options: Mutex<Options>,
    connections: Mutex<HashMap<ThreadId, Slot>>,
    /// A connection has failed: the server is gone, or does not answer.
    failed: AtomicBool,
    closed: AtomicBool,
}

/// A thread's connection; none after it has failed.
#[derive(Clone, Debug)]
struct Slot {
    socket: Arc<Socket>,
    connection: Arc<Mutex<Option<Connection>>>,
}

/// Closes a thread's connection when the thread ends.
struct ThreadGuard(Weak<Inner>, ThreadId);

impl Drop for ThreadGuard {
    fn drop(&mut self) {
        if let Some(client) = self.0.upgrade() {
            client.slots().remove(&self.1);
        }
    }
}

thread_local! {
    static GUARDS: RefCell<Vec<ThreadGuard>> = const {
        RefCell::new(Vec::new())
    };
}

impl Client {
    /// Connects, and proves that it knows the key.
    ///
    /// # Errors
    ///
    /// When no server is there, or does not answer within five seconds, or
    /// one of the two does not know the key.
    pub fn connect(
        address: impl Into<Address>,
        key: &Key,
    ) -> Result<Self, Error> {
        Self::connect_with(address, key, Options::default())
    }

    /// The same with other timeouts and limits.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub fn connect_with(
        address: impl Into<Address>,
        key: &Key,
        options: Options,
    ) -> Result<Self, Error> {
        let client = Self(Arc::new(Inner {
            address: address.into(),
            key: key.clone(),
            options: Mutex::new(options),
            connections: Mutex::default(),
            failed: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        }));
        client.slot()?;
        Ok(client)
    }

    /// Makes several calls in one round trip: all requests are sent in one
    /// piece, and then the replies are read. The server makes the calls in
    /// turn, each whatever became of the others. There is a result for each
    /// request; when the connection fails, those that have no reply yet get
    /// an [`Error::Io`].
    ///
    /// A server does not read on while its replies are not read: requests
    /// that follow a large reply should be few.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use pymanagers::{Client, Key, Queue, Server};
    ///
    /// let key = Key::from("abc");
    /// let server = Server::bind("127.0.0.1:0", &key)?
    ///     .share("get_queue", Arc::new(Queue::new(0)))
    ///     .start()?;
    /// let client = Client::connect(server.address(), &key)?;
    /// let queue = client.proxy("get_queue")?;
    /// let wait = Duration::from_secs(1);
    /// let both = [queue.put_request("spam", wait), queue.get_request(wait)];
    /// let mut results = client.pipeline(both);
    /// assert_eq!(results.pop().expect("the second")?, "spam".into());
    /// # Ok::<(), pymanagers::Error>(())
    /// ```
    pub fn pipeline(
        &self,
        requests: impl IntoIterator<Item = Request>,
    ) -> Vec<Result<Value, Error>> {
        let requests: Vec<_> = requests.into_iter().collect();
        let count = requests.len();
        let mut results = Vec::new();
        let wait = requests.iter().map(|request| request.wait);
        let wait = wait.fold(Duration::ZERO, Duration::saturating_add);
        let done = self.with_connection(wait, |connection, limits| {
            let mut frames = Vec::new();
            let mut sent = Vec::new();
            for request in requests {
                let frame = request.encode(limits);
                sent.push(frame.map(|frame| frames.extend(frame)));
            }
            send_frames(connection, &frames)?;
            for sent in sent {
                let reply = sent.and_then(|()| receive(connection, limits));
                match reply {
                    Err(Error::Io(error)) => return Err(error.into()),
                    reply => results.push(reply),
                }
            }
            Ok(())
        });
        results.extend(done.err().map(Err));
        results.resize_with(count, || Err(Error::closed()));
        results
    }

    /// The timeouts and limits as they are now.
    pub fn options(&self) -> Options {
        *self.0.options.lock().unwrap()
    }

    /// Changes the timeout of the calls that begin from now on: before a
    /// program exits, it may want to wait less for a server that is frozen.
    pub fn set_call_timeout(&self, timeout: Duration) {
        self.0.options.lock().unwrap().call_timeout = timeout;
    }

    /// Closes every connection at once. Calls that wait in other threads
    /// fail, and so does every call after that. The server gets no references
    /// back.
    pub fn close(&self) {
        self.0.closed.store(true, SeqCst);
        for (_, slot) in self.0.slots().drain() {
            slot.socket.shutdown(Shutdown::Both);
        }
    }

    /// Asks the server to shut down, as Python's `manager.shutdown()` does.
    ///
    /// # Errors
    ///
    /// When the server has gone.
    pub fn shutdown_server(&self) -> Result<(), Error> {
        self.ask("shutdown", Vec::new()).map(drop)
    }

    /// Whether a call still makes sense.
    pub(crate) fn is_usable(&self) -> bool {
        !self.0.failed.load(SeqCst) && !self.0.closed.load(SeqCst)
    }

    /// Asks the server itself, on a connection that is for this alone.
    pub(crate) fn ask(
        &self,
        method: &str,
        positional: Vec<Value>,
    ) -> Result<Value, Error> {
        let mut connection = self.dial()?;
        self.administer(&mut connection, method, positional)
    }

    fn administer(
        &self,
        connection: &mut Connection,
        method: &str,
        positional: Vec<Value>,
    ) -> Result<Value, Error> {
        let Options { limits, call_timeout, .. } = self.options();
        connection.set_deadline_in(call_timeout);
        send(connection, Value::None, method, positional, vec![], &limits)?;
        receive(connection, &limits)
    }

    /// Does something with the connection of this thread, in so much time.
    /// When the connection fails, it is unknown what would be read next, so
    /// that it is closed.
    pub(crate) fn with_connection<T>(
        &self,
        time: Duration,
        work: impl FnOnce(&mut Connection, &Limits) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let slot = self.slot()?;
        let mut guard = slot.connection.lock().unwrap();
        let connection = guard.as_mut().ok_or_else(Error::closed)?;
        let options = self.options();
        let time = time.saturating_add(options.call_timeout);
        connection.set_deadline_in(time);
        let result = work(connection, &options.limits);
        if matches!(result, Err(Error::Io(_))) {
            self.0.failed.store(true, SeqCst);
            *guard = None;
        }
        result
    }

    /// The connection of this thread; a new one, if it has none yet.
    fn slot(&self) -> Result<Slot, Error> {
        let thread = thread::current().id();
        if let Some(slot) = self.0.slots().get(&thread) {
            return Ok(slot.clone());
        }
        let mut connection = self.dial()?;
        let current = thread::current();
        let process = std::process::id();
        // As CPython names them: the main thread is just its process.
        let name = match current.name() {
            Some("main") => format!("Rust-{process}"),
            thread => format!("Rust-{process}|{}", thread.unwrap_or("Thread")),
        };
        let accept = "accept_connection";
        self.administer(&mut connection, accept, vec![name.into()])?;
        let socket = connection.socket().clone();
        let connection = Arc::new(Mutex::new(Some(connection)));
        let slot = Slot { socket, connection };
        self.0.slots().insert(thread, slot.clone());
        GUARDS.with_borrow_mut(|guards| {
            guards.retain(|guard| guard.0.strong_count() > 0);
            guards.push(ThreadGuard(Arc::downgrade(&self.0), thread));
        });
        Ok(slot)
    }

    /// A new connection, after the handshake.
    fn dial(&self) -> Result<Connection, Error> {
        if self.0.closed.load(SeqCst) {
            return Err(Error::closed());
        }
        let Options { connect_timeout, call_timeout, .. } = self.options();
        let timeout = connect_timeout.min(call_timeout);
        self.0.dial_any(&self.0.address.resolve()?, timeout)
    }
}

impl Inner {
    fn slots(&self) -> MutexGuard<'_, HashMap<ThreadId, Slot>> {
        self.connections.lock().unwrap()
    }

    /// Tries one address after the other; each has all of the time.
    fn dial_any(
        &self,
        addresses: &[Resolved],
        timeout: Duration,
    ) -> Result<Connection, Error> {
        let mut failed = None;
        for address in addresses {
            match self.dial_one(address, timeout) {
                Ok(connection) => return Ok(connection),
                // What one server said tells more than another's silence.
                Err(error) if error.is_gone() && failed.is_some() => {}
                Err(error) => failed = Some(error),
            }
        }
        let none = || Error::Io(ErrorKind::AddrNotAvailable.into());
        Err(failed.unwrap_or_else(none))
    }

    fn dial_one(
        &self,
        address: &Resolved,
        timeout: Duration,
    ) -> Result<Connection, Error> {
        let end = Instant::now().checked_add(timeout);
        let socket = Socket::connect(address, timeout)?;
        let mut connection = Connection::new(Arc::new(socket));
        connection.set_deadline(end);
        auth::client_handshake(&mut connection, &self.key)?;
        Ok(connection)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::{Queue, Server};

    #[test]
    fn each_address_of_a_name_has_its_own_time() {
        let key = Key::from("abc");
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server::bind("127.0.0.1:0", &key)
            .unwrap()
            .share("queue", Arc::new(Queue::new(0)))
            .start()
            .unwrap();
        let client = Client::connect(server.address(), &key).unwrap();
        let addresses = [silent.local_addr().unwrap(), server.address()];
        let addresses = addresses.map(Resolved::Tcp);
        let timeout = Duration::from_millis(300);
        let began = Instant::now();
        client.0.dial_any(&addresses, timeout).unwrap();
        assert!(began.elapsed() >= timeout, "the first one is silent");
        let error = client.0.dial_any(&addresses[..1], timeout).unwrap_err();
        assert_eq!(error.to_string(), "handshake timed out");
        let error = client.0.dial_any(&[], timeout).unwrap_err();
        assert!(error.is_gone(), "{error}");
    }
}
