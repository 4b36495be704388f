//! CPython's `multiprocessing.managers` on the wire: a server whose clients
//! may be Python's, and a client whose server may be.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use pymanagers::{Client, Key, Queue, Server};
//!
//! let key = Key::from("abc");
//! let tasks = Arc::new(Queue::new(0));
//! let server = Server::bind("127.0.0.1:0", key.clone())?
//!     .share("get_task_queue", tasks.clone())
//!     .start()?;
//!
//! let client = Client::connect(server.address(), &key)?;
//! let proxy = client.queue("get_task_queue")?;
//! proxy.put(3411.into())?;
//! let task = proxy.get(Duration::from_secs(1))?;
//! assert_eq!(task, 3411.into());
//! # Ok::<(), pymanagers::Error>(())
//! ```
//!
//! A Python client of that server:
//!
//! ```text
//! class QueueManager(BaseManager): pass
//! QueueManager.register('get_task_queue')
//! m = QueueManager(address=('127.0.0.1', port), authkey=b'abc')
//! m.connect()
//! m.get_task_queue().put(3411)
//! ```
//!
//! The key proves that both sides know it. It encrypts nothing. Pickles are
//! read as data, and nothing in them is ever executed.

pub mod auth;
mod client;
mod error;
pub mod pickle;
mod queue;
mod server;
mod value;
pub mod wire;

pub use auth::Key;
pub use client::{Client, Proxy};
pub use error::Error;
#[doc(hidden)]
pub use queue::{Call as QueueCall, METHODS as QUEUE_METHODS, TOO_MANY};
pub use queue::{Queue, Wait};
pub use server::{Arguments, Caller, Event, Fault, Server, Serving, Shared};
pub use value::{Class, Object, Value};

use std::time::Duration;

/// How long connecting and the handshake may take together.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
