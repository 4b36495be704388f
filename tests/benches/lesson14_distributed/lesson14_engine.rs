//! The queue in the master next to queues on NATS JetStream, on one node and
//! on three, and next to CPython's manager.
//!
//! Run: `cargo bench -p lesson14_distributed --features nats --bench lesson14_engine`

mod engine;
mod process;
mod rows;
mod work;

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("put") => engine::put(&args[1..]),
        Some("master") => engine::master(&args[1..]),
        Some("worker") => engine::worker(&args[1..]),
        Some("latency") => engine::latency(&args[1..]),
        _ => rows::compare_all(),
    }
}
