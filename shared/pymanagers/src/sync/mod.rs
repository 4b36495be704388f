//! Python's `Event`, `Lock`, `RLock` and `Semaphore`, for clients to share.

mod event;
mod rlock;
mod semaphore;

pub use event::Event;
pub use rlock::RLock;
pub use semaphore::Semaphore;
