//! What a server answers: `(kind, value)`.

use crate::frame::TooLong;
use crate::object::{CallError, ManagedObject};
use crate::pickle;
use crate::repr::Raised;
use crate::value::{Object, Value};

pub(super) fn reply(kind: &str, value: Value) -> Value {
    Value::Tuple(vec![kind.into(), value])
}

pub(super) fn returned(value: Value) -> Value {
    reply("#RETURN", value)
}

pub(super) fn raised(exception: Box<Object>) -> Value {
    reply("#ERROR", Value::Object(exception))
}

pub(super) fn is_return(reply: &Value) -> bool {
    matches!(reply, Value::Tuple(parts) if parts[0] == "#RETURN".into())
}

/// What a Python client shows as a `RemoteError`.
pub(super) fn traceback(class: &str, text: &str) -> Value {
    let text =
        format!("Traceback: the server is not Python\n{class}: {text}\n");
    reply("#TRACEBACK", text.into())
}

pub(super) fn unknown(name: &str) -> Value {
    traceback("KeyError", &format!("'{name}'"))
}

pub(super) fn not_created(error: CallError) -> Value {
    match error {
        CallError::Raised(exception) => {
            let last = Raised(&exception);
            let text = format!("Traceback: the server is not Python\n{last}\n");
            reply("#TRACEBACK", text.into())
        }
        _ => traceback("RuntimeError", "not created"),
    }
}

pub(super) fn too_long(error: &TooLong) -> Value {
    traceback("ValueError", &format!("the server does not take {error}"))
}

pub(super) fn unreadable(error: &pickle::Error) -> Value {
    let text = format!("the server does not take a request with {error}");
    traceback("UnpicklingError", &text)
}

/// Also CPython answers so when a result cannot be pickled.
pub(super) fn unwritable(error: &pickle::Error) -> Value {
    let text = format!("the server does not send a result with {error}");
    traceback("PicklingError", &text)
}

/// What every proxy may be asked, whatever methods its object has.
pub(super) fn fallback(object: &dyn ManagedObject, method: &str) -> Value {
    match (method, object.value()) {
        ("__str__" | "__repr__", Some(value)) => {
            returned(value.to_string().into())
        }
        ("__str__" | "__repr__", None) => {
            returned("<an object of a server in Rust>".into())
        }
        ("#GETVALUE", Some(value)) => returned(value),
        ("#GETVALUE", None) => {
            reply("#UNSERIALIZABLE", "an object in Rust".into())
        }
        _ => unknown(method),
    }
}
