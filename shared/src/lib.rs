//! Timing and task helpers for the lessons.
//!
//! - [`Lesson`]: the parts of a lesson by name, and its command line.
//! - [`child()`]: this very program again, as a child in another role.
//! - [`clock`]: a stopwatch, and naps that a reader can speed up.
//! - [`limits`]: what the system allows one process.
//! - [`measure`]: medians with their spread, and memory.
//! - [`schedule`]: small programs whose steps a reader puts in order.
//! - [`server`]: this program as a server in another process.
//! - [`task`]: what the lessons work on.
//! - [`timeline`]: a picture of what worked and what waited, and when.
//!
//! Nothing that a lesson is about lives here: threads, processes, locks and
//! queues are in the lessons themselves.

mod args;
mod broken_pipe;
mod child;
pub mod clock;
pub mod lesson;
pub mod limits;
pub mod measure;
mod panic_line;
pub mod schedule;
pub mod server;
mod system;
pub mod task;
pub mod timeline;

pub use args::{MissingDependency, option_value};
pub use child::{child, exit_when_parent_dies};
pub use clock::nap;
pub use lesson::{Lesson, unix_only};
