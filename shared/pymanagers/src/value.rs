//! Python's values: plain data, and descriptions of everything else.

use std::fmt;

/// A Python value that came over the wire, or goes there.
///
/// Plain data is data here, too. A class or an instance is only described: by
/// its name, and by what its pickle said would be handed to it. Nothing is
/// ever called.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An `int` that fits.
    Int(i64),
    /// An `int` that does not: two's complement, the lowest byte first.
    Long(Vec<u8>),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Str(String),
    /// `bytes`.
    Bytes(Vec<u8>),
    /// A `bytearray`.
    ByteArray(Vec<u8>),
    /// A `tuple`.
    Tuple(Vec<Value>),
    /// A `list`.
    List(Vec<Value>),
    /// A `dict`, in its order.
    Dict(Vec<(Value, Value)>),
    /// A `set`, in no order.
    Set(Vec<Value>),
    /// A `frozenset`, in no order.
    FrozenSet(Vec<Value>),
    /// A class or a function, by its name.
    Class(Class),
    /// An instance, or the result of a call that nobody has made.
    Object(Box<Object>),
}

/// The name of a Python class or function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Where it is: `queue`.
    pub module: String,
    /// What it is called there: `Empty`.
    pub name: String,
}

/// An instance as its pickle describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What it is an instance of.
    pub class: Class,
    /// What would be handed to the class to make it.
    pub args: Vec<Value>,
    /// What would be put into it then.
    pub state: Option<Value>,
}

impl Class {
    /// The class `name` in `module`.
    pub fn new(module: &str, name: &str) -> Self {
        Self { module: module.into(), name: name.into() }
    }

    /// Whether it is `queue`'s. CPython has `Empty` in `_queue`, too.
    pub fn is_of_queue(&self, name: &str) -> bool {
        matches!(&*self.module, "queue" | "_queue") && self.name == name
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.module {
            "builtins" => f.write_str(&self.name),
            module => write!(f, "{module}.{}", self.name),
        }
    }
}

impl Object {
    /// An exception with these arguments.
    pub fn exception(module: &str, name: &str, args: Vec<Value>) -> Self {
        Self { class: Class::new(module, name), args, state: None }
    }

    /// One of Python's own exceptions, with a text.
    pub fn builtin(name: &str, text: &str) -> Self {
        Self::exception("builtins", name, vec![text.into()])
    }
}

/// `KeyError: 'x'`, as Python has it in the last line of a traceback.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class)?;
        match &self.args[..] {
            [] => Ok(()),
            [Value::Str(text)] => write!(f, ": {text}"),
            [one] => write!(f, ": {one}"),
            more => write!(f, ": {}", Value::Tuple(more.to_vec())),
        }
    }
}

impl Value {
    /// The number, if it is one that fits.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(truth) => Some(i64::from(*truth)),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What is in it, if it is a tuple.
    pub fn as_tuple(&self) -> Option<&[Self]> {
        match self {
            Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// Whether Python's `if` would take it for true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) | Self::ByteArray(bytes) => !bytes.is_empty(),
            Self::Tuple(items)
            | Self::List(items)
            | Self::Set(items)
            | Self::FrozenSet(items) => !items.is_empty(),
            Self::Dict(items) => !items.is_empty(),
            Self::Long(_) | Self::Class(_) | Self::Object(_) => true,
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(Box::new(object))
    }
}

/// Nearly as Python's `repr` has it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, items: &[Self]| {
            for (i, item) in items.iter().enumerate() {
                write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
            }
            Ok(())
        };
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Long(bytes) => write!(f, "an int of {} bytes", bytes.len()),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Str(text) => write!(f, "'{text}'"),
            Self::Bytes(bytes) => write!(f, "b'{}'", bytes.escape_ascii()),
            Self::ByteArray(bytes) => {
                write!(f, "bytearray(b'{}')", bytes.escape_ascii())
            }
            Self::Tuple(items) => {
                f.write_str("(")?;
                list(f, items)?;
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Self::List(items) => {
                f.write_str("[")?;
                list(f, items)?;
                f.write_str("]")
            }
            Self::Set(items) | Self::FrozenSet(items) => {
                f.write_str("{")?;
                list(f, items)?;
                f.write_str("}")
            }
            Self::Dict(items) => {
                f.write_str("{")?;
                for (i, (key, value)) in items.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    write!(f, "{comma}{key}: {value}")?;
                }
                f.write_str("}")
            }
            Self::Class(class) => write!(f, "<class '{class}'>"),
            Self::Object(object) => write!(f, "a Python object ({object})"),
        }
    }
}
