#![cfg(unix)]
#![doc = include_str!("../README.md")]

mod feeder;
mod pool;
mod queue;
mod result;
mod task;
mod wire;
mod worker;

pub use pool::{Builder, Pool, usable_cores};
pub use result::{AsyncResult, Error, WorkerDeath};
pub use task::{ErasedTask, Task};
pub use worker::{init, serve};
