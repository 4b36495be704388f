//! # Exercise 12: a value for the duration of a call
//!
//! `current_user` returns the user of this thread. Write `with_user`: it makes
//! `name` the user of this thread, calls `f`, and restores the user of before.
//!
//! - Calls may be nested: the inner one restores the user of the outer one.
//! - The user is restored also when `f` panics.
//! - Other threads do not see it.
//!
//! Check it: `cargo test -p exercises lesson12`

use std::cell::RefCell;

thread_local! {
    static USER: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The user of this thread, if there is one.
pub fn current_user() -> Option<String> {
    USER.with_borrow(|user| user.clone())
}

/// Calls `f` with another user.
pub fn with_user<R>(name: &str, f: impl FnOnce() -> R) -> R {
    todo!()
}
