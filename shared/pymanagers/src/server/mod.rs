//! The server: it accepts connections, and calls objects that have names.

mod accept;
mod event;
mod registry;
mod reply;
mod request;
mod serve;

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

use crate::auth::Key;
use crate::object::{Arguments, CallError, ManagedObject};
use crate::pickle::Limits;
use accept::Inner;
use registry::{Factory, Registry};

pub use event::ServerEvent;

/// A server that has its port, but does not serve yet.
///
/// ```
/// use std::sync::Arc;
/// use pymanagers::{Key, Queue, Server};
///
/// let server = Server::bind("127.0.0.1:0", &Key::from("abc"))?
///     .share("get_task_queue", Arc::new(Queue::new(0)))
///     .register("Queue", |arguments| {
///         let [] = arguments.bind("Queue", [])?;
///         Ok(Arc::new(Queue::new(0)))
///     })
///     .on_event(|event| eprintln!("{event:?}"))
///     .start()?;
/// println!("listens on {}", server.address());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    key: Key,
    factories: HashMap<String, Factory>,
    on_event: Box<dyn Fn(ServerEvent) + Send + Sync>,
    limits: Limits,
    write_timeout: Duration,
}

/// How many connections may wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;

impl Server {
    /// Takes the port; port 0 is any that is free.
    ///
    /// # Errors
    ///
    /// When the port is in use, the address is not ours, or the key is empty.
    pub fn bind(address: impl ToSocketAddrs, key: &Key) -> io::Result<Self> {
        if key.is_empty() {
            let reason = "the key is empty: any client could connect";
            return Err(io::Error::new(ErrorKind::InvalidInput, reason));
        }
        let listener = TcpListener::bind(address)?;
        SockRef::from(&listener).listen(BACKLOG)?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            key: key.clone(),
            factories: HashMap::new(),
            on_event: Box::new(|_| ()),
            limits: Limits::default(),
            write_timeout: Duration::from_secs(60),
        })
    }

    /// Where it will listen. Clients may connect, and then wait.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shares one object under a name, as `register(name, callable=...)` does
    /// with a callable that always returns the same.
    #[must_use]
    pub fn share(
        self,
        name: &str,
        object: Arc<impl ManagedObject + 'static>,
    ) -> Self {
        let create = name.to_string();
        self.register(name, move |arguments| {
            let [] = arguments.bind(&create, [])?;
            Ok(object.clone())
        })
    }

    /// Makes objects under a name: one for each client that asks, or one for
    /// all, as `factory` likes.
    #[must_use]
    pub fn register(
        mut self,
        name: &str,
        factory: impl Fn(Arguments) -> Result<Arc<dyn ManagedObject>, CallError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.factories.insert(name.into(), Box::new(factory));
        self
    }

    /// What to do when something happens. It is called by several threads.
    #[must_use]
    pub fn on_event(
        mut self,
        on_event: impl Fn(ServerEvent) + Send + Sync + 'static,
    ) -> Self {
        self.on_event = Box::new(on_event);
        self
    }

    /// How large the values may be that clients send, and that they get.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// After how much time a reply is given up of which a client takes
    /// nothing; a minute, unless it is set.
    #[must_use]
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout.max(Duration::from_millis(1));
        self
    }

    /// Serves, in threads of its own.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(self) -> io::Result<ServerHandle> {
        let inner = Arc::new(Inner {
            key: self.key,
            registry: Registry::new(self.factories),
            on_event: self.on_event,
            limits: self.limits,
            write_timeout: self.write_timeout,
            connections: Mutex::default(),
            changed: Condvar::new(),
            closed: Arc::default(),
        });
        let listener = self.listener;
        let accepting = inner.clone();
        let builder = thread::Builder::new().name("accept".into());
        let accept = builder.spawn(move || accepting.accept(&listener))?;
        let address = self.address;
        Ok(ServerHandle { inner, address, accept: Some(accept) })
    }
}

/// A server at work. Dropping it closes every connection that is left.
pub struct ServerHandle {
    inner: Arc<Inner>,
    address: SocketAddr,
    accept: Option<JoinHandle<()>>,
}

impl ServerHandle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a client asks the server to shut down, as Python's
    /// `manager.shutdown()` does. Nothing else happens then.
    pub fn wait_for_shutdown(&self) {
        let mut guard = self.inner.connections.lock().unwrap();
        while !guard.shutdown {
            guard = self.inner.changed.wait(guard).unwrap();
        }
    }

    /// Waits until all clients have hung up, but no longer than `timeout`,
    /// closes the other connections, and gives the port back.
    pub fn shutdown(self, timeout: Duration) {
        self.wait_for_clients(timeout);
    }

    /// Waits until all clients have hung up, but no longer than `timeout`.
    pub fn wait_for_clients(&self, timeout: Duration) {
        self.inner.wait_for_all(timeout);
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.inner.closed.store(true, SeqCst);
        self.inner.changed.notify_all();
        let mut at = self.address;
        if at.ip().is_unspecified() {
            at.set_ip(match at.ip() {
                IpAddr::V4(_) => [127, 0, 0, 1].into(),
                IpAddr::V6(_) => [0, 0, 0, 0, 0, 0, 0, 1].into(),
            });
        }
        // Wakes the accepting thread, which then sees that we have closed.
        let woken = TcpStream::connect_timeout(&at, Duration::from_secs(1));
        if let (Ok(_), Some(accept)) = (woken, self.accept.take()) {
            let _ = accept.join();
        }
        self.inner.close_all();
        self.inner.wait_for_all(Duration::from_secs(2));
    }
}
