//! The methods of a queue, and their arguments as Python gives them.

use crate::object::{Arguments, CallError};
use crate::value::Value;
use crate::wait::{Wait, seconds};

/// A call of one of a queue's methods, its arguments understood: for queues of
/// one's own.
///
/// ```
/// use pymanagers::{Arguments, QueueCall, Wait};
///
/// let positional = vec![7.into(), false.into()];
/// let arguments = Arguments { positional, ..Arguments::default() };
/// let call = QueueCall::read("put", arguments)?;
/// assert_eq!(call, QueueCall::Put(7.into(), Some(Wait::No)));
/// # Ok::<(), pymanagers::CallError>(())
/// ```
#[derive(Debug, PartialEq)]
pub enum QueueCall {
    /// `put(item, block, timeout)` and `put_nowait(item)`; no wait: a negative
    /// timeout, which Python refuses unless the queue has no limit.
    Put(Value, Option<Wait>),
    /// `get(block, timeout)` and `get_nowait()`.
    Get(Wait),
    /// `qsize()`.
    Size,
    /// `empty()`.
    IsEmpty,
    /// `full()`.
    IsFull,
    /// `task_done()`.
    TaskDone,
    /// `join()`.
    Join,
    /// `shutdown(immediate)`.
    Shutdown {
        /// Whether what is in the queue is dropped.
        immediate: bool,
    },
}

impl QueueCall {
    /// What CPython exposes of a queue.
    pub const METHODS: &[&str] = &[
        "empty",
        "full",
        "get",
        "get_nowait",
        "join",
        "put",
        "put_nowait",
        "qsize",
        "shutdown",
        "task_done",
    ];

    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// What Python raises when they do not fit.
    pub fn read(method: &str, arguments: Arguments) -> Result<Self, CallError> {
        match method {
            "put" => {
                let names = ["item", "block", "timeout"];
                let [item, block, timeout] = arguments.bind(method, names)?;
                let missing = || CallError::missing(method, "item");
                let item = item.ok_or_else(missing)?;
                let blocks = block.is_none_or(|block| block.is_true());
                let seconds = match blocks {
                    true => seconds(timeout)?,
                    false => Some(0.0),
                };
                let is_negative = seconds.is_some_and(|s| s < 0.0);
                let wait = Wait::from_seconds(seconds);
                return Ok(Self::Put(item, (!is_negative).then_some(wait)));
            }
            "put_nowait" => {
                let [item] = arguments.require(method, ["item"])?;
                return Ok(Self::Put(item, Some(Wait::No)));
            }
            "get" => {
                let names = ["block", "timeout"];
                let [block, timeout] = arguments.bind(method, names)?;
                return Ok(Self::Get(Wait::from_python(block, timeout)?));
            }
            "shutdown" => {
                let [immediate] = arguments.bind(method, ["immediate"])?;
                let immediate = immediate.is_some_and(|value| value.is_true());
                return Ok(Self::Shutdown { immediate });
            }
            _ => {}
        }
        let [] = arguments.bind(method, [])?;
        Ok(match method {
            "get_nowait" => Self::Get(Wait::No),
            "qsize" => Self::Size,
            "empty" => Self::IsEmpty,
            "full" => Self::IsFull,
            "task_done" => Self::TaskDone,
            "join" => Self::Join,
            unknown => return Err(CallError::Unknown(unknown.into())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        method: &str,
        positional: &[Value],
        named: &[(&str, Value)],
    ) -> Result<QueueCall, CallError> {
        let named = named.iter().map(|(n, v)| (n.to_string(), v.clone()));
        let positional = positional.to_vec();
        let keywords = named.collect();
        QueueCall::read(method, Arguments { positional, keywords })
    }

    #[test]
    fn arguments_have_a_place_or_a_name() {
        let no = Ok(QueueCall::Get(Wait::No));
        assert_eq!(read("get", &[false.into()], &[]), no);
        assert_eq!(read("get", &[], &[("block", 0.into())]), no);
        assert_eq!(read("get", &[], &[("timeout", 0.into())]), no);
        let forever = Ok(QueueCall::Get(Wait::Forever));
        assert_eq!(read("get", &[], &[]), forever);
        assert_eq!(read("get", &[true.into(), Value::None], &[]), forever);
        let one = [("item", 1.into()), ("block", false.into())];
        let put = Ok(QueueCall::Put(1.into(), Some(Wait::No)));
        assert_eq!(read("put", &[], &one), put);
        let late = read("put", &[1.into()], &[("timeout", (-1).into())]);
        assert_eq!(late, Ok(QueueCall::Put(1.into(), None)));
        let later = read("get", &[], &[("timeout", Value::Float(1e10))]);
        assert!(matches!(later, Ok(QueueCall::Get(_))), "{later:?}");
    }

    #[test]
    fn arguments_that_do_not_fit_are_refused_as_by_python() {
        let name = |result: Result<QueueCall, CallError>| match result {
            Err(CallError::Raised(exception)) => exception.class.name,
            other => panic!("not raised: {other:?}"),
        };
        assert_eq!(name(read("put", &[], &[])), "TypeError");
        assert_eq!(name(read("qsize", &[1.into()], &[])), "TypeError");
        let twice = read("put", &[1.into()], &[("item", 2.into())]);
        assert_eq!(name(twice), "TypeError");
        let unknown = read("get", &[], &[("time", 2.into())]);
        assert_eq!(name(unknown), "TypeError");
        let negative = read("get", &[], &[("timeout", (-1).into())]);
        assert_eq!(name(negative), "ValueError");
    }
}
