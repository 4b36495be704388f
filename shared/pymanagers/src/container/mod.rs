//! Python's `dict`, `list` and `Namespace`, for clients to share.

mod dict;
mod list;
mod namespace;

pub use dict::Dict;
pub use list::List;
pub use namespace::Namespace;

use crate::object::CallError;
use crate::value::{Class, Object, Value};

/// `KeyError: key`.
fn key_error(key: Value) -> CallError {
    Object::exception("builtins", "KeyError", vec![key]).into()
}

/// `iter(items)`: what Python receives for `reversed`.
fn iterator(items: Vec<Value>) -> Value {
    let iter = Class::new("builtins", "iter");
    Value::Object(Box::new(Object::call(iter, vec![Value::List(items)])))
}

fn to_int(value: &Value, what: &str) -> Result<i64, CallError> {
    value.as_int().ok_or_else(|| {
        let text = format!("{what} must be integers, not {value}");
        CallError::raise("TypeError", &text)
    })
}
