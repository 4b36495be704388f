//! Python's `dict`.

use std::sync::Mutex;

use super::list::items_of;
use super::{iterator, key_error};
use crate::compare::equal;
use crate::object::{Arguments, CallError, Caller, ManagedObject};
use crate::value::Value;

/// Python's `dict`: for as many keys as are looked through in no time, as each
/// is compared with those before. `iter(d)` is not served; `d.keys()` is.
///
/// ```
/// use std::sync::Arc;
/// use pymanagers::{Client, Dict, Key, Server};
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("settings", Arc::new(Dict::default()))
///     .start()?;
/// let client = Client::connect(server.address(), &key)?;
/// let settings = client.proxy("settings")?;
/// settings.call("__setitem__", vec!["depth".into(), 3.into()])?;
/// assert_eq!(settings.call("get", vec!["depth".into()])?, 3.into());
/// # Ok::<(), pymanagers::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Dict(Mutex<Vec<(Value, Value)>>);

impl Dict {
    /// What a client makes with `dict(items, **items)`, for
    /// [`register`](crate::Server::register).
    ///
    /// # Errors
    ///
    /// `TypeError` when they are no items of a dict.
    pub fn from_python(arguments: Arguments) -> Result<Self, CallError> {
        let dict = Self::default();
        update(&mut dict.0.lock().unwrap(), arguments)?;
        Ok(dict)
    }
}

impl ManagedObject for Dict {
    fn methods(&self) -> &[&str] {
        &[
            "__contains__",
            "__delitem__",
            "__getitem__",
            "__ior__",
            "__len__",
            "__or__",
            "__reversed__",
            "__ror__",
            "__setitem__",
            "clear",
            "copy",
            "fromkeys",
            "get",
            "items",
            "keys",
            "pop",
            "popitem",
            "setdefault",
            "update",
            "values",
        ]
    }

    fn value(&self) -> Option<Value> {
        Some(Value::Dict(self.0.lock().unwrap().clone()))
    }

    fn call(
        &self,
        _: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let mut pairs = self.0.lock().unwrap();
        match method {
            "__contains__" | "__getitem__" | "__delitem__" => {
                let [key] = arguments.require(method, ["key"])?;
                let at = find(&pairs, &key)?;
                match (method, at) {
                    ("__contains__", at) => Ok(at.is_some().into()),
                    (_, None) => Err(key_error(key)),
                    ("__getitem__", Some(at)) => Ok(pairs[at].1.clone()),
                    (_, Some(at)) => {
                        pairs.remove(at);
                        Ok(Value::None)
                    }
                }
            }
            "__setitem__" => {
                let [key, value] =
                    arguments.require(method, ["key", "value"])?;
                set(&mut pairs, key, value)
            }
            "get" | "pop" | "setdefault" => {
                let names = ["key", "default"];
                let [key, default] = arguments.bind(method, names)?;
                let missing = || CallError::missing(method, "key");
                let key = key.ok_or_else(missing)?;
                match (method, find(&pairs, &key)?) {
                    ("pop", Some(at)) => Ok(pairs.remove(at).1),
                    (_, Some(at)) => Ok(pairs[at].1.clone()),
                    ("pop", None) => default.ok_or_else(|| key_error(key)),
                    ("get", None) => Ok(default.unwrap_or(Value::None)),
                    (_, None) => {
                        let value = default.unwrap_or(Value::None);
                        set(&mut pairs, key, value.clone())?;
                        Ok(value)
                    }
                }
            }
            "update" => update(&mut pairs, arguments),
            "__or__" | "__ror__" | "__ior__" => {
                let [other] = arguments.require(method, ["other"])?;
                union(&mut pairs, method, other)
            }
            "fromkeys" => {
                let [keys, value] =
                    arguments.bind(method, ["keys", "value"])?;
                let missing = || CallError::missing(method, "keys");
                let mut new = Vec::new();
                for key in items_of(keys.ok_or_else(missing)?)? {
                    set(&mut new, key, value.clone().unwrap_or(Value::None))?;
                }
                Ok(Value::Dict(new))
            }
            _ => {
                let [] = arguments.bind(method, [])?;
                without_arguments(&mut pairs, method)
            }
        }
    }
}

fn without_arguments(
    pairs: &mut Vec<(Value, Value)>,
    method: &str,
) -> Result<Value, CallError> {
    let all = || pairs.iter().cloned();
    Ok(match method {
        "__len__" => (pairs.len() as i64).into(),
        "copy" => Value::Dict(pairs.clone()),
        "keys" => Value::List(all().map(|(key, _)| key).collect()),
        "values" => Value::List(all().map(|(_, value)| value).collect()),
        "items" => Value::List(all().map(pair).collect()),
        "__reversed__" => iterator(all().rev().map(|(key, _)| key).collect()),
        "popitem" => {
            let empty = || key_error("popitem(): dictionary is empty".into());
            pair(pairs.pop().ok_or_else(empty)?)
        }
        "clear" => {
            pairs.clear();
            Value::None
        }
        unknown => return Err(CallError::Unknown(unknown.into())),
    })
}

fn pair((key, value): (Value, Value)) -> Value {
    Value::Tuple(vec![key, value])
}

fn find(
    pairs: &[(Value, Value)],
    key: &Value,
) -> Result<Option<usize>, CallError> {
    if !is_hashable(key) {
        let text = format!("unhashable: {key}");
        return Err(CallError::raise("TypeError", &text));
    }
    Ok(pairs.iter().position(|(other, _)| equal(other, key)))
}

fn is_hashable(key: &Value) -> bool {
    match key {
        Value::List(_)
        | Value::Dict(_)
        | Value::Set(_)
        | Value::ByteArray(_) => false,
        Value::Tuple(items) => items.iter().all(is_hashable),
        _ => true,
    }
}

fn set(
    pairs: &mut Vec<(Value, Value)>,
    key: Value,
    value: Value,
) -> Result<Value, CallError> {
    match find(pairs, &key)? {
        Some(at) => pairs[at].1 = value,
        None => pairs.push((key, value)),
    }
    Ok(Value::None)
}

/// `pairs | other`, `other | pairs`, or `pairs |= other`, whose result CPython's
/// proxy does not need.
fn union(
    pairs: &mut Vec<(Value, Value)>,
    method: &str,
    other: Value,
) -> Result<Value, CallError> {
    let merge = |pairs: &mut _, other| {
        update(pairs, Arguments { positional: vec![other], keywords: vec![] })
    };
    match method {
        "__ior__" => merge(pairs, other),
        _ if !matches!(other, Value::Dict(_)) => {
            let text = format!("no dict: {other}");
            Err(CallError::raise("TypeError", &text))
        }
        "__or__" => {
            let mut new = pairs.clone();
            merge(&mut new, other)?;
            Ok(Value::Dict(new))
        }
        _ => {
            let mut new = Vec::new();
            merge(&mut new, other)?;
            merge(&mut new, Value::Dict(pairs.clone()))?;
            Ok(Value::Dict(new))
        }
    }
}

/// With a dict or a sequence of pairs, and with keyword arguments.
fn update(
    pairs: &mut Vec<(Value, Value)>,
    arguments: Arguments,
) -> Result<Value, CallError> {
    let no_items = || CallError::raise("TypeError", "no items of a dict");
    let Arguments { positional, keywords } = arguments;
    for items in positional {
        match items {
            Value::Dict(items) => {
                for (key, value) in items {
                    set(pairs, key, value)?;
                }
            }
            Value::List(items) | Value::Tuple(items) => {
                for item in items {
                    let (Value::Tuple(item) | Value::List(item)) = item else {
                        return Err(no_items());
                    };
                    let [key, value] =
                        <[Value; 2]>::try_from(item).map_err(|_| no_items())?;
                    set(pairs, key, value)?;
                }
            }
            _ => return Err(no_items()),
        }
    }
    for (key, value) in keywords {
        set(pairs, key.into(), value)?;
    }
    Ok(Value::None)
}
