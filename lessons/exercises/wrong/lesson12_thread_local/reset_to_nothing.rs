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
    USER.set(Some(name.into()));
    let _reset = Reset;
    f()
}

struct Reset;

impl Drop for Reset {
    fn drop(&mut self) {
        USER.set(None);
    }
}
