//! A job over the network, as two of Python's queues.

mod client;
mod match_lease;
mod server;
mod wire;

pub use client::ManagerSource;
pub use server::{FarmEvent, FarmServer, FarmServerBuilder};
