//! What a message carries: JSON, bytes as they are, or a failure.

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use pymanagers::Value;
use serde_json::{Map, Number};

const CONTENT_TYPE: &str = "Content-Type";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
const FAILURE: &str = "text/x-failure";
const FAILED_DELIVERIES: &str = "Failed-Deliveries";

/// A message's body, and what its header says of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Payload {
    content_type: &'static str,
    /// How many deliveries of this task have failed.
    failed_deliveries: u32,
    pub body: Vec<u8>,
}

impl Payload {
    fn typed(content_type: &'static str, body: Vec<u8>) -> Self {
        Self { content_type, failed_deliveries: 0, body }
    }

    /// An event, of which the subject says all.
    pub fn empty() -> Self {
        Self::typed(JSON, Vec::new())
    }

    /// Why a task has failed.
    pub fn failure(why: &str) -> Self {
        Self::typed(FAILURE, why.into())
    }

    /// A task or a result; an error when JSON has no such value.
    pub fn new(value: &Value) -> Result<Self, String> {
        if let Value::Bytes(bytes) = value {
            return Ok(Self::typed(BYTES, bytes.clone()));
        }
        let json = to_json(value)?;
        let body = serde_json::to_vec(&json).map_err(|e| e.to_string())?;
        Ok(Self::typed(JSON, body))
    }

    /// The task of this message once more.
    pub fn again(message: &Message, failed_deliveries: u32) -> Self {
        let headers = message.headers.as_ref();
        let is_bytes = content_type(headers) == Some(BYTES);
        let content_type = if is_bytes { BYTES } else { JSON };
        let body = message.payload.to_vec();
        Self { content_type, failed_deliveries, body }
    }

    pub fn headers(&self) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        if self.content_type != JSON {
            headers.insert(CONTENT_TYPE, self.content_type);
        }
        if self.failed_deliveries > 0 {
            let count = self.failed_deliveries.to_string();
            headers.insert(FAILED_DELIVERIES, count);
        }
        (!headers.is_empty()).then_some(headers)
    }
}

fn content_type(headers: Option<&HeaderMap>) -> Option<&str> {
    headers?.get(CONTENT_TYPE).map(|kind| kind.as_str())
}

/// How many deliveries of this message's task have failed.
pub(super) fn failed_deliveries(headers: Option<&HeaderMap>) -> u32 {
    let count = headers.and_then(|headers| headers.get(FAILED_DELIVERIES));
    count.and_then(|count| count.as_str().parse().ok()).unwrap_or_default()
}

/// A task or a result, or why it has failed.
pub(super) fn read(
    headers: Option<&HeaderMap>,
    body: &[u8],
) -> Result<Value, String> {
    match content_type(headers) {
        Some(BYTES) => Ok(Value::Bytes(body.into())),
        Some(FAILURE) => Err(String::from_utf8_lossy(body).into_owned()),
        _ => {
            let json = serde_json::from_slice(body);
            let json = json.map_err(|error| format!("no JSON: {error}"))?;
            Ok(from_json(json))
        }
    }
}

fn to_json(value: &Value) -> Result<serde_json::Value, String> {
    use serde_json::Value as Json;
    let list = |items: &[Value]| {
        let items = items.iter().map(to_json);
        items.collect::<Result<_, _>>().map(Json::Array)
    };
    Ok(match value {
        Value::None => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::Number((*number).into()),
        Value::Float(number) => match Number::from_f64(*number) {
            Some(number) => Json::Number(number),
            None => return Err(format!("{number} is no JSON")),
        },
        Value::Str(text) => Json::String(text.clone()),
        Value::List(items) | Value::Tuple(items) => list(items)?,
        Value::Dict(items) => {
            let items = items.iter().map(|(key, value)| {
                let key = key.as_str().ok_or_else(|| {
                    format!("a key of a JSON object is a text, not {key}")
                });
                Ok((key?.to_string(), to_json(value)?))
            });
            let items: Map<_, _> = items.collect::<Result<_, String>>()?;
            Json::Object(items)
        }
        other => return Err(format!("{other} is no JSON")),
    })
}

fn from_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::None,
        Json::Bool(truth) => truth.into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => {
            Value::List(items.into_iter().map(from_json).collect())
        }
        Json::Object(items) => {
            let items = items.into_iter();
            let items = items.map(|(key, it)| (key.into(), from_json(it)));
            Value::Dict(items.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn travel(value: &Value) -> Result<Value, String> {
        let payload = Payload::new(value)?;
        read(payload.headers().as_ref(), &payload.body)
    }

    #[test]
    fn what_json_knows_and_bytes_arrive_as_they_were() {
        let pair = ("key".into(), Value::List(vec![1.into(), Value::None]));
        for value in [
            Value::Float(1.0),
            i64::MIN.into(),
            Value::Bytes(b"\xff{}".to_vec()),
            Value::Dict(vec![pair]),
        ] {
            assert_eq!(travel(&value), Ok(value));
        }
        let pair = vec![1.into(), "two".into()];
        let list = Value::List(pair.clone());
        assert_eq!(travel(&Value::Tuple(pair)), Ok(list));
    }

    #[test]
    fn other_values_are_refused_by_their_name() {
        let set = Value::Set(vec![1.into()]);
        assert_eq!(travel(&set), Err("{1} is no JSON".into()));
        let inner = Value::List(vec![Value::Float(f64::NAN)]);
        assert_eq!(travel(&inner), Err("NaN is no JSON".into()));
        let keys = Value::Dict(vec![(1.into(), 2.into())]);
        assert!(travel(&keys).is_err());
    }

    #[test]
    fn a_failure_is_no_value() {
        let payload = Payload::failure("no such file");
        let read = read(payload.headers().as_ref(), &payload.body);
        assert_eq!(read, Err("no such file".into()));
    }
}
