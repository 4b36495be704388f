//! How this lesson starts its workers.

use process_pool::{Builder, Error, Pool};
use shared::timeline;

/// The role of a worker among this program's children.
pub const ROLE: &str = "worker";

// ANCHOR: start_pool
/// A pool whose workers are this program in the role `worker`.
pub fn builder(size: usize) -> Builder {
    Pool::builder()
        .size(size)
        .command(|index| shared::child(ROLE, [(index + 1).to_string()]))
        .on_exit(timeline::process_exited)
}

pub fn start_pool(size: usize) -> Result<Pool, Error> {
    builder(size).build()
}
// ANCHOR_END: start_pool
