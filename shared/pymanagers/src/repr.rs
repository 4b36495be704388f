//! Values as text, nearly as Python's `repr` has them. What could drive a
//! terminal is escaped.

use std::fmt;

use crate::value::{Class, Construct, Object, Value};

/// Writes a text without quotes, its control characters escaped.
pub(crate) struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = self.0;
        let is_special = |c: char| c.is_control() || is_invisible(c);
        while let Some(at) = plain.find(is_special) {
            f.write_str(&plain[..at])?;
            let special = plain[at..].chars().next().expect("it was found");
            escape(f, special)?;
            plain = &plain[at + special.len_utf8()..];
        }
        f.write_str(plain)
    }
}

/// What changes the direction of text, or ends a line, unseen.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

fn escape(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match (c, u32::from(c)) {
        ('\n', _) => f.write_str("\\n"),
        ('\r', _) => f.write_str("\\r"),
        ('\t', _) => f.write_str("\\t"),
        (_, code @ 0..=0xff) => write!(f, "\\x{code:02x}"),
        (_, code) => write!(f, "\\u{code:04x}"),
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    write!(f, "{quote}")?;
    let mut rest = text;
    while let Some(at) = rest.find(['\\', quote]) {
        write!(f, "{}\\{}", Escaped(&rest[..at]), &rest[at..=at])?;
        rest = &rest[at + 1..];
    }
    write!(f, "{}{quote}", Escaped(rest))
}

/// The number, if it is not too large for Rust's own integers.
fn wide(bytes: &[u8]) -> Option<i128> {
    let is_negative = bytes.last().is_some_and(|highest| *highest >= 0x80);
    let mut all = [if is_negative { 0xff } else { 0 }; 16];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i128::from_le_bytes(all))
}

fn list(f: &mut fmt::Formatter<'_>, items: &[Value]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
    }
    Ok(())
}

fn pairs(f: &mut fmt::Formatter<'_>, pairs: &[(Value, Value)]) -> fmt::Result {
    for (i, (key, value)) in pairs.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        write!(f, "{comma}{key}: {value}")?;
    }
    Ok(())
}

/// ```
/// use pymanagers::Value;
///
/// let text = Value::from("it's\r\x1b[2J");
/// assert_eq!(text.to_string(), r#""it's\r\x1b[2J""#);
/// let large = Value::Long(10_i128.pow(30).to_le_bytes().into());
/// assert_eq!(large.to_string(), format!("1{}", "0".repeat(30)));
/// ```
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Long(bytes) => match wide(bytes) {
                Some(number) => write!(f, "{number}"),
                None => write!(f, "an int of {} bytes", bytes.len()),
            },
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Str(text) => quoted(f, text),
            Self::SurrogateStr(bytes) => {
                quoted(f, &String::from_utf8_lossy(bytes))
            }
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
                pairs(f, items)?;
                f.write_str("}")
            }
            Self::Class(class) => write!(f, "<class '{class}'>"),
            Self::Object(object) => object.fmt(f),
        }
    }
}

impl Value {
    /// As Python's `print` shows it, on one line: a `str` has no quotes, and
    /// what could drive a terminal is escaped.
    ///
    /// ```
    /// use pymanagers::Value;
    ///
    /// assert_eq!(Value::from("it's\r").to_text(), r"it's\r");
    /// assert_eq!(Value::from(3411).to_text(), "3411");
    /// ```
    pub fn to_text(&self) -> String {
        match self {
            Self::Str(text) => Escaped(text).to_string(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Escaped(&self.name);
        match &*self.module {
            "builtins" => name.fmt(f),
            module => write!(f, "{}.{name}", Escaped(module)),
        }
    }
}

/// `collections.deque([1, 2])`: as it would be made, as far as that is known.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, construct, args, kwargs, items, .. } = self;
        write!(f, "{class}")?;
        if *construct == Construct::New {
            f.write_str(".__new__")?;
        }
        f.write_str("(")?;
        list(f, args)?;
        for (name, value) in kwargs {
            write!(f, ", {name}={value}")?;
        }
        if !items.is_empty() {
            f.write_str("[")?;
            list(f, items)?;
            f.write_str("]")?;
        }
        if !self.pairs.is_empty() {
            f.write_str("{")?;
            pairs(f, &self.pairs)?;
            f.write_str("}")?;
        }
        f.write_str(")")?;
        match &self.state {
            Some(state) => write!(f, " with {state}"),
            None => Ok(()),
        }
    }
}

/// `KeyError: 'x'`, as in the last line of a traceback.
pub(crate) struct Raised<'a>(pub &'a Object);

impl fmt::Display for Raised<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.class)?;
        match &self.0.args[..] {
            [] => Ok(()),
            [Value::Str(text)] => write!(f, ": {}", Escaped(text)),
            [one] => write!(f, ": {one}"),
            more => {
                f.write_str(": (")?;
                list(f, more)?;
                f.write_str(")")
            }
        }
    }
}
