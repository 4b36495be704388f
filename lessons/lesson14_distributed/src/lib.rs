//! What stands behind lesson 14: queues on loan.
//!
//! - [`farm`]: tasks and results, wherever they live. The lesson knows only
//!   the trait [`farm::Farm`].

pub mod farm;
#[cfg(feature = "nats")]
pub mod servers;
