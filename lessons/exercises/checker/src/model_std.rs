//! `std` for answers that are checked in every interleaving: its threads and
//! locks are those of `shuttle`.

#![allow(unused_imports, reason = "an answer needs not all of them")]

pub use std::*;

/// `std::sync`.
pub mod sync {
    pub use shuttle::sync::{
        Arc, Barrier, BarrierWaitResult, Condvar, Mutex, MutexGuard, Once,
        RwLock, RwLockReadGuard, RwLockWriteGuard, WaitTimeoutResult, Weak,
        atomic, mpsc,
    };
    pub use std::sync::*;
}

/// `std::thread`.
pub mod thread {
    pub use shuttle::thread::*;
}
