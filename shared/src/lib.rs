//! Timing and task helpers for the lessons.
//!
//! - [`Lesson`]: the parts of a lesson by name, and its command line.
//! - [`child`]: this very program again, as a child in another role.
//! - [`clock`]: a stopwatch, and naps that a reader can speed up.
//! - [`task`]: what the lessons work on.
//! - [`timeline`]: a picture of who worked and who waited, and when.
//!
//! Nothing that a lesson is about lives here: threads, processes, locks and
//! queues stand in the lessons themselves.

pub mod clock;
pub mod lesson;
mod system;
pub mod task;
pub mod timeline;

pub use clock::nap;
pub use lesson::{Lesson, Missing, child, choice, unix_only};
