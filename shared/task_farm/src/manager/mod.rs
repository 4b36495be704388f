//! A job over the network, as two of Python's queues.

mod connect;
mod event;
mod farm;
mod leased;
mod match_lease;
mod plain;
mod result_queue;
mod server;
mod task_queue;
mod wire;

pub use connect::open_manager;
pub use event::FarmEvent;
pub use server::{FarmServer, FarmServerBuilder};
