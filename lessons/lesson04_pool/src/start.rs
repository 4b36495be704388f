//! How this lesson starts its workers.

use process_pool::{Builder, Error, Pool};

/// The role of a worker among this program's children.
pub const ROLE: &str = "worker";

// ANCHOR: start_pool
/// A pool whose workers are this program in the role `worker`.
pub fn builder() -> Builder {
    let command = |index| shared::child(ROLE, [format!("{}", index + 1)]);
    Pool::builder().command(command)
}

pub fn start_pool(size: usize) -> Result<Pool, Error> {
    builder().size(size).build()
}
// ANCHOR_END: start_pool
