//! A job over the network, as two of Python's queues.

mod client;
mod farm;
mod match_lease;
mod result_queue;
mod server;
mod task_queue;
mod wire;

pub use client::ManagerSource;
pub use server::{FarmEvent, FarmServer, FarmServerBuilder};
