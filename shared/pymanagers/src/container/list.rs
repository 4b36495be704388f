//! Python's `list`.

use std::cmp::Ordering;
use std::sync::Mutex;

use super::{iterator, to_int};
use crate::compare::{compare, equal};
use crate::object::{Arguments, CallError, Caller, ManagedObject};
use crate::pickle::{self, Limits};
use crate::value::Value;

/// Python's `list`, except that slices are not served.
///
/// ```
/// use std::sync::Arc;
/// use pymanagers::{Client, Key, List, Server};
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("numbers", Arc::new(List::default()))
///     .start()?;
/// let client = Client::connect(server.address(), &key)?;
/// let numbers = client.proxy("numbers")?;
/// numbers.call("append", vec![3411.into()])?;
/// assert_eq!(numbers.call("__getitem__", vec![(-1).into()])?, 3411.into());
/// # Ok::<(), pymanagers::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct List(Mutex<Vec<Value>>);

impl List {
    /// What a client makes with `list(items)`, for
    /// [`register`](crate::Server::register).
    ///
    /// # Errors
    ///
    /// `TypeError` when the items are none.
    pub fn from_python(arguments: Arguments) -> Result<Self, CallError> {
        let [items] = arguments.bind("list", ["items"])?;
        let items = items.map_or(Ok(Vec::new()), items_of)?;
        Ok(Self(Mutex::new(items)))
    }
}

impl ManagedObject for List {
    fn methods(&self) -> &[&str] {
        &[
            "__add__",
            "__contains__",
            "__delitem__",
            "__getitem__",
            "__imul__",
            "__len__",
            "__mul__",
            "__reversed__",
            "__rmul__",
            "__setitem__",
            "append",
            "clear",
            "copy",
            "count",
            "extend",
            "index",
            "insert",
            "pop",
            "remove",
            "reverse",
            "sort",
        ]
    }

    fn value(&self) -> Option<Value> {
        Some(Value::List(self.0.lock().unwrap().clone()))
    }

    fn call(
        &self,
        _: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let mut items = self.0.lock().unwrap();
        match method {
            "__getitem__" => {
                let [at] = arguments.require(method, ["index"])?;
                return Ok(items[index(&items, &at)?].clone());
            }
            "__delitem__" => {
                let [at] = arguments.require(method, ["index"])?;
                let at = index(&items, &at)?;
                items.remove(at);
            }
            "__setitem__" => {
                let [at, item] =
                    arguments.require(method, ["index", "item"])?;
                let at = index(&items, &at)?;
                items[at] = item;
            }
            "insert" => {
                let [at, item] =
                    arguments.require(method, ["index", "item"])?;
                let length = items.len() as i64;
                let at = to_int(&at, "indices")?;
                let at = if at < 0 { at + length } else { at };
                items.insert(at.clamp(0, length) as usize, item);
            }
            "pop" => {
                let [at] = arguments.bind(method, ["index"])?;
                let at = index(&items, &at.unwrap_or((-1).into()))?;
                return Ok(items.remove(at));
            }
            "append" => {
                let [item] = arguments.require(method, ["item"])?;
                items.push(item);
            }
            "extend" => {
                let [more] = arguments.require(method, ["items"])?;
                items.extend(items_of(more)?);
            }
            "sort" => {
                let [reverse] = arguments.bind(method, ["reverse"])?;
                let first = match reverse.is_some_and(|value| value.is_true()) {
                    true => Ordering::Greater,
                    false => Ordering::Less,
                };
                *items = sorted(items.clone(), first)?;
            }
            "__add__" => {
                let [more] = arguments.require(method, ["items"])?;
                let Value::List(more) = more else {
                    let text = format!("no list: {more}");
                    return Err(CallError::raise("TypeError", &text));
                };
                return Ok(Value::List([&items[..], &more].concat()));
            }
            "__mul__" | "__rmul__" => {
                let [times] = arguments.require(method, ["times"])?;
                return Ok(Value::List(repeat(&items, &times)?));
            }
            "__imul__" => {
                let [times] = arguments.require(method, ["times"])?;
                *items = repeat(&items, &times)?;
            }
            "__contains__" | "count" | "index" | "remove" => {
                let [item] = arguments.require(method, ["item"])?;
                return search(&mut items, method, &item);
            }
            _ => {
                let [] = arguments.bind(method, [])?;
                return without_arguments(&mut items, method);
            }
        }
        Ok(Value::None)
    }
}

fn search(
    items: &mut Vec<Value>,
    method: &str,
    item: &Value,
) -> Result<Value, CallError> {
    let at = items.iter().position(|other| equal(other, item));
    match (method, at) {
        ("__contains__", at) => Ok(at.is_some().into()),
        ("count", _) => {
            let count = items.iter().filter(|other| equal(other, item));
            Ok((count.count() as i64).into())
        }
        (_, None) => {
            let text = format!("{item} is not in the list");
            Err(CallError::raise("ValueError", &text))
        }
        ("index", Some(at)) => Ok((at as i64).into()),
        (_, Some(at)) => {
            items.remove(at);
            Ok(Value::None)
        }
    }
}

fn without_arguments(
    items: &mut Vec<Value>,
    method: &str,
) -> Result<Value, CallError> {
    match method {
        "__len__" => return Ok((items.len() as i64).into()),
        "copy" => return Ok(Value::List(items.clone())),
        "__reversed__" => {
            return Ok(iterator(items.iter().rev().cloned().collect()));
        }
        "clear" => items.clear(),
        "reverse" => items.reverse(),
        unknown => return Err(CallError::Unknown(unknown.into())),
    }
    Ok(Value::None)
}

/// A stable merge sort: an item that compares as `first` comes first. The sort
/// of `std` may panic if the order is not total, as with NaN.
fn sorted(
    mut left: Vec<Value>,
    first: Ordering,
) -> Result<Vec<Value>, CallError> {
    if left.len() < 2 {
        return Ok(left);
    }
    let right = sorted(left.split_off(left.len() / 2), first)?;
    let mut right = right.into_iter().peekable();
    let mut all = Vec::new();
    for item in sorted(left, first)? {
        while let Some(other) = right.peek()
            && compare(other, &item)? == first
        {
            all.extend(right.next());
        }
        all.push(item);
    }
    all.extend(right);
    Ok(all)
}

/// `items * times`, if it fits into a message: a client must not take all
/// memory.
fn repeat(items: &[Value], times: &Value) -> Result<Vec<Value>, CallError> {
    let times = usize::try_from(to_int(times, "factors")?).unwrap_or(0);
    if items.is_empty() || times == 0 {
        return Ok(Vec::new());
    }
    let Limits { bytes, items: most, depth } = Limits::default();
    let limits = Limits { bytes: bytes / times, items: most / times, depth };
    match pickle::write(&Value::List(items.to_vec()), &limits) {
        Ok(_) => Ok(vec![items; times].concat()),
        Err(_) => {
            let text = "the list would not fit into a message";
            Err(CallError::raise("MemoryError", text))
        }
    }
}

/// Python's index: from the end, when it is negative.
fn index(items: &[Value], at: &Value) -> Result<usize, CallError> {
    let at = to_int(at, "list indices")?;
    let at = if at < 0 { at + items.len() as i64 } else { at };
    let at = usize::try_from(at).ok().filter(|at| *at < items.len());
    let text = "list index out of range";
    at.ok_or_else(|| CallError::raise("IndexError", text))
}

pub(super) fn items_of(value: Value) -> Result<Vec<Value>, CallError> {
    match value {
        Value::List(items)
        | Value::Tuple(items)
        | Value::Set(items)
        | Value::FrozenSet(items) => Ok(items),
        other => {
            let text = format!("no items of a list: {other}");
            Err(CallError::raise("TypeError", &text))
        }
    }
}
