//! What worked and what waited, and when: recorded in every thread and every
//! process of a lesson, drawn in the terminal or as an SVG, or kept as a table.
//!
//! Nothing is recorded unless `--timeline` asks for it. [`clock::nap`] and the
//! tasks of [`task`] record themselves; a lesson adds a span of its own where
//! it waits for something that is its point:
//!
//! ```
//! use std::sync::Mutex;
//! use shared::timeline;
//!
//! let balance = Mutex::new(0);
//! let waiting = timeline::waiting("the lock");
//! let guard = balance.lock().unwrap();
//! drop(waiting);
//! ```
//!
//! All processes append to one temporary file. On Unix it has no name, and the
//! children inherit it open: nothing is left behind, however they end.
//! Elsewhere only the first process is recorded.
//!
//! [`clock::nap`]: crate::clock::nap
//! [`task`]: crate::task

mod model;
mod record;
mod svg;
mod text;
mod tsv;

pub use model::{Interval, Kind, Lane, Picture};
pub use record::{Span, inherited, lane, process_exited, waiting, working};
pub(crate) use record::{napping, record, take};
pub use svg::{STYLE, escape, svg};
pub use text::terminal_width;
pub use tsv::{from_tsv, tsv};
