use std::sync::Mutex;

static USER: Mutex<Option<String>> = Mutex::new(None);

/// The user of this thread, if there is one.
pub fn current_user() -> Option<String> {
    USER.lock().unwrap().clone()
}

/// Calls `f` with another user.
pub fn with_user<R>(name: &str, f: impl FnOnce() -> R) -> R {
    let before = USER.lock().unwrap().replace(name.into());
    let _restore = Restore(before);
    f()
}

/// Restores the user when it is dropped.
struct Restore(Option<String>);

impl Drop for Restore {
    fn drop(&mut self) {
        *USER.lock().unwrap() = self.0.take();
    }
}
