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
    let _ = Restore(USER.replace(Some(name.into())));
    f()
}

/// Restores the user when it is dropped.
struct Restore(Option<String>);

impl Drop for Restore {
    fn drop(&mut self) {
        USER.set(self.0.take());
    }
}
