//! What a client asks for: `(ident, methodname, args, kwds)`.

use crate::object::Arguments;
use crate::pickle::{self, Limits};
use crate::value::Value;

pub(super) struct Request {
    /// Which object; none: the server itself.
    pub ident: Option<String>,
    pub method: String,
    pub arguments: Arguments,
}

impl Request {
    pub fn read(frame: &[u8], limits: &Limits) -> Result<Self, pickle::Error> {
        let value = pickle::read(frame, limits)?;
        Self::from_value(value).ok_or(pickle::Error::Broken("no request"))
    }

    fn from_value(value: Value) -> Option<Self> {
        let Value::Tuple(parts) = value else {
            return None;
        };
        let [ident, method, args, kwds] = <[Value; 4]>::try_from(parts).ok()?;
        let ident = match ident {
            Value::None => None,
            Value::Str(ident) => Some(ident),
            _ => return None,
        };
        let (Value::Str(method), Value::Tuple(positional), Value::Dict(kwds)) =
            (method, args, kwds)
        else {
            return None;
        };
        let keywords = kwds.into_iter().map(|(name, value)| match name {
            Value::Str(name) => Some((name, value)),
            _ => None,
        });
        let keywords = keywords.collect::<Option<_>>()?;
        Some(Self {
            ident,
            method,
            arguments: Arguments { positional, keywords },
        })
    }
}
