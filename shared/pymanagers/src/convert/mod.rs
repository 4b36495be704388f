//! Rust's types as Python's values, and back, by `serde`.

mod de;
mod ser;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::value::Value;

/// What a type of one's own is in Python.
///
/// | Rust | Python |
/// |---|---|
/// | `bool`, integers, floats, `String`, `char` | `bool`, `int`, `float`, `str` |
/// | `Vec`, slices, sets | `list` |
/// | tuples, arrays, tuple structs | `tuple` |
/// | structs, maps | `dict` |
/// | `Option` | the value, or `None` |
/// | `()`, unit structs | `None` |
/// | `enum`: a variant without fields | its name, a `str` |
/// | `enum`: a variant with fields | `{name: fields}` |
/// | `serde_bytes` and the like | `bytes` |
///
/// # Errors
///
/// When the type refuses to be serialized.
///
/// ```
/// use pymanagers::{from_value, to_value};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Deserialize, PartialEq, Serialize)]
/// struct Task {
///     id: u64,
///     words: Vec<String>,
/// }
///
/// let task = Task { id: 7, words: vec!["spam".into()] };
/// let value = to_value(&task)?;
/// assert_eq!(value.to_string(), "{'id': 7, 'words': ['spam']}");
/// assert_eq!(from_value::<Task>(value)?, task);
/// # Ok::<(), pymanagers::ConversionError>(())
/// ```
pub fn to_value<T: Serialize + ?Sized>(
    value: &T,
) -> Result<Value, ConversionError> {
    value.serialize(ser::Serializer)
}

/// The other way round. Every Python sequence will do for a sequence, every
/// `int` for a float. `OrderedDict`, `defaultdict` and `Counter` are dicts,
/// `deque` is a list, a `namedtuple` is a tuple; an instance of a class with
/// plain attributes, such as a dataclass, is a dict of them.
///
/// # Errors
///
/// When the value does not fit the type.
pub fn from_value<T: DeserializeOwned>(
    value: Value,
) -> Result<T, ConversionError> {
    T::deserialize(de::Deserializer(value))
}

/// Why a value does not fit a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversionError(String);

impl fmt::Display for ConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConversionError {}

impl serde::ser::Error for ConversionError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

impl serde::de::Error for ConversionError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}
