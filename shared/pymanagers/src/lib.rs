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
//! let server = Server::bind("127.0.0.1:0", &key)?
//!     .share("get_task_queue", tasks.clone())
//!     .start()?;
//!
//! let client = Client::connect(server.address(), &key)?;
//! let proxy = client.proxy("get_task_queue")?;
//! proxy.put(3411, Duration::ZERO)?;
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

mod address;
pub mod auth;
mod client;
mod compare;
pub mod connection;
mod container;
mod convert;
mod error;
pub mod frame;
mod message;
mod object;
pub mod pickle;
mod proxy;
mod queue;
mod repr;
mod server;
mod sync;
mod value;
mod wait;

pub use address::Address;
pub use auth::Key;
pub use client::{Client, Options};
pub use container::{Dict, List, Namespace};
pub use convert::{ConversionError, from_value, to_value};
pub use error::Error;
pub use message::Request;
pub use object::{Arguments, CallError, Caller, ConnectionEnd, ManagedObject};
pub use proxy::Proxy;
pub use queue::{Queue, QueueCall};
pub use server::{Server, ServerEvent, ServerHandle};
pub use sync::{Event, RLock, Semaphore};
pub use value::{Class, Construct, Object, Value};
pub use wait::Wait;

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
