//! What stands behind lesson 14: CPython's protocol, and queues on loan.
//!
//! - [`managers`]: the wire protocol of CPython's `multiprocessing.managers`,
//!   both sides, for anybody's use.
//! - [`farm`]: tasks and results, wherever they live. The lesson knows only
//!   the trait [`farm::Farm`].

pub mod farm;
pub mod managers;
#[cfg(feature = "nats")]
pub mod servers;
