//! Python's values: plain data, and descriptions of everything else.

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
    /// A `str` with lone surrogates, which is no text in Rust: UTF-8 as Python
    /// encodes it with `surrogatepass`.
    SurrogateStr(Vec<u8>),
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
    /// An instance, or the result of a call that Python would make.
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

/// An instance as its pickle describes it: how Python would make it. It is
/// carried as it is from one Python to another, and Rust makes nothing of it.
///
/// ```
/// use pymanagers::{Class, Object};
///
/// // collections.deque([1, 2])
/// let class = Class::new("collections", "deque");
/// let items = vec![1.into(), 2.into()];
/// let deque = Object { items, ..Object::call(class, vec![]) };
/// assert_eq!(deque.to_string(), "collections.deque([1, 2])");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What it is an instance of, or the function that returns it.
    pub class: Class,
    /// How the class makes an instance.
    pub construct: Construct,
    /// The arguments for that.
    pub args: Vec<Value>,
    /// The keyword arguments, if any.
    pub kwargs: Vec<(Value, Value)>,
    /// What is then appended to it, as to a list.
    pub items: Vec<Value>,
    /// What is then set in it, as in a dict.
    pub pairs: Vec<(Value, Value)>,
    /// What becomes of its attributes then.
    pub state: Option<Value>,
}

/// How Python makes an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Construct {
    /// `class(*args)`.
    Call,
    /// `class.__new__(class, *args, **kwargs)`.
    New,
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

impl Object {
    /// What `class(*args)` makes.
    pub fn call(class: Class, args: Vec<Value>) -> Self {
        let kwargs = Vec::new();
        let pairs = Vec::new();
        let construct = Construct::Call;
        let items = Vec::new();
        let state = None;
        Self { class, construct, args, kwargs, items, pairs, state }
    }

    /// An exception with these arguments.
    pub fn exception(module: &str, name: &str, args: Vec<Value>) -> Self {
        Self::call(Class::new(module, name), args)
    }

    /// One of Python's own exceptions, with a text.
    pub fn builtin(name: &str, text: &str) -> Self {
        Self::exception("builtins", name, vec![text.into()])
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

    /// The number, if it is one; a large `int` is rounded.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            Self::Long(bytes) => Some(long_as_float(bytes)),
            _ => self.as_int().map(|number| number as f64),
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
            Self::Bytes(bytes)
            | Self::ByteArray(bytes)
            | Self::SurrogateStr(bytes) => !bytes.is_empty(),
            Self::Tuple(items)
            | Self::List(items)
            | Self::Set(items)
            | Self::FrozenSet(items) => !items.is_empty(),
            Self::Dict(items) => !items.is_empty(),
            Self::Long(_) | Self::Class(_) | Self::Object(_) => true,
        }
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Value {
            fn from(number: $integer) -> Self {
                Self::Int(number.into())
            }
        })*
    };
}

from_integers!(i8, u8, i16, u16, i32, u32, i64);

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
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

/// The lowest byte first, two's complement.
fn long_as_float(bytes: &[u8]) -> f64 {
    let Some((highest, rest)) = bytes.split_last() else {
        return 0.0;
    };
    let digit = |sum: f64, byte: &u8| sum * 256.0 + f64::from(*byte);
    rest.iter().rev().fold(f64::from(*highest as i8), digit)
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}
