//! Nested calls, a panic, and another thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::answer::{current_user, with_user};

pub fn check() -> Result<(), String> {
    expect("before any call", None)?;
    let result = with_user("ann", || {
        expect("in with_user(\"ann\")", Some("ann"))?;
        let other = thread::scope(|s| s.spawn(current_user).join());
        if other.expect("it only looks").is_some() {
            return Err("another thread sees this user".to_string());
        }
        with_user("bob", || expect("in the inner call", Some("bob")))?;
        expect("after the inner call", Some("ann"))?;
        let panic = || with_user("cy", || panic!("in the inner call"));
        catch_unwind(AssertUnwindSafe(panic)).expect_err("it panics");
        expect("after a panic in an inner call", Some("ann"))?;
        Ok(42)
    })?;
    if result != 42 {
        return Err("with_user must return what f returns".into());
    }
    expect("after the outer call", None)
}

fn expect(when: &str, expected: Option<&str>) -> Result<(), String> {
    let user = current_user();
    match user.as_deref() == expected {
        true => Ok(()),
        false => Err(format!("{when}: expected {expected:?}, got {user:?}")),
    }
}
