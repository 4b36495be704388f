//! Python's `<` between plain values.

use std::cmp::Ordering;

use crate::object::CallError;
use crate::value::Value;

/// The order of two values in Python.
///
/// # Errors
///
/// `TypeError` when Python has none for them, or Rust does not know it.
pub(crate) fn compare(a: &Value, b: &Value) -> Result<Ordering, CallError> {
    if let (Some(a), Some(b)) = (a.as_int(), b.as_int()) {
        return Ok(a.cmp(&b));
    }
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Ok(a.cmp(b)),
        (
            Value::Bytes(a) | Value::ByteArray(a),
            Value::Bytes(b) | Value::ByteArray(b),
        ) => Ok(a.cmp(b)),
        (Value::Tuple(a), Value::Tuple(b))
        | (Value::List(a), Value::List(b)) => sequences(a, b),
        _ => match (a.as_float(), b.as_float()) {
            (Some(a), Some(b)) => {
                Ok(a.partial_cmp(&b).unwrap_or(Ordering::Equal))
            }
            _ => {
                let text = format!("'<' is not supported between {a} and {b}");
                Err(CallError::raise("TypeError", &text))
            }
        },
    }
}

/// Whether two values are equal in Python, where `1 == 1.0 == True`.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_int(), b.as_int(), a.as_float(), b.as_float()) {
        (Some(a), Some(b), _, _) => a == b,
        (_, _, Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// As Python does, they are compared where they first differ.
fn sequences(a: &[Value], b: &[Value]) -> Result<Ordering, CallError> {
    match a.iter().zip(b).find(|(a, b)| !equal(a, b)) {
        Some((a, b)) => compare(a, b),
        None => Ok(a.len().cmp(&b.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_pythons_order() {
        let pair = |a: Value, b: Value| Value::Tuple(vec![a, b]);
        for (less, more) in [
            (1.into(), 2.into()),
            (true.into(), 2.into()),
            (1.into(), Value::Float(1.5)),
            (i64::MAX.into(), Value::Long(vec![0, 0, 0, 0, 0, 0, 0, 0, 1])),
            (Value::Long(vec![0, 0, 0, 0, 0, 0, 0, 0, 0xff]), 0.into()),
            ("a".into(), "b".into()),
            (pair(1.into(), "b".into()), pair(2.into(), "a".into())),
            (pair(1.into(), "a".into()), pair(1.into(), "b".into())),
            (pair(1.into(), "a".into()), pair(1.0.into(), "b".into())),
            (Value::Tuple(vec![1.into()]), pair(1.into(), "a".into())),
        ] {
            assert_eq!(compare(&less, &more), Ok(Ordering::Less), "{less}");
            assert_eq!(compare(&more, &less), Ok(Ordering::Greater), "{more}");
        }
        assert!(
            equal(&1.into(), &true.into()) && equal(&1.into(), &1.0.into())
        );
        assert!(
            !equal(&1.into(), &1.5.into()) && !equal(&1.into(), &"1".into())
        );
        assert!(compare(&1.into(), &"a".into()).is_err());
        assert!(compare(&Value::None, &Value::None).is_err());
    }
}
