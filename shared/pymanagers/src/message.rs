//! What a client sends, and how it reads the reply.

use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use crate::connection::Connection;
use crate::error::Error;
use crate::frame::{read_or_skip, write_frame};
use crate::pickle::{self, Limits};
use crate::value::{Object, Value};

/// A call that [`Client::pipeline`](crate::Client::pipeline) is to make.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) ident: String,
    pub(crate) method: String,
    pub(crate) positional: Vec<Value>,
    pub(crate) keywords: Vec<(Value, Value)>,
    /// How long the method is asked to wait at the most.
    pub(crate) wait: Duration,
}

impl Request {
    /// Its frame.
    pub(crate) fn encode(self, limits: &Limits) -> Result<Vec<u8>, Error> {
        let Self { ident, method, positional, keywords, .. } = self;
        encode(ident.into(), &method, positional, keywords, limits)
    }
}

pub(crate) fn send(
    connection: &mut Connection,
    ident: Value,
    method: &str,
    positional: Vec<Value>,
    keywords: Vec<(Value, Value)>,
    limits: &Limits,
) -> Result<(), Error> {
    let frame = encode(ident, method, positional, keywords, limits)?;
    send_frames(connection, &frame)
}

/// The frame of a request.
fn encode(
    ident: Value,
    method: &str,
    positional: Vec<Value>,
    keywords: Vec<(Value, Value)>,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    let args = Value::Tuple(positional);
    let kwds = Value::Dict(keywords);
    let request = Value::Tuple(vec![ident, method.into(), args, kwds]);
    let mut frame = Vec::new();
    write_frame(&mut frame, &pickle::write(&request, limits)?)?;
    Ok(frame)
}

/// All of them in one piece.
pub(crate) fn send_frames(
    connection: &mut Connection,
    frames: &[u8],
) -> Result<(), Error> {
    Ok(connection.write_all(frames).map_err(no_answer)?)
}

pub(crate) fn receive(
    connection: &mut Connection,
    limits: &Limits,
) -> Result<Value, Error> {
    let frame = read_or_skip(connection, limits.bytes).map_err(no_answer)?;
    let frame = frame.ok_or_else(Error::closed)??;
    let reply = pickle::read(&frame, limits)?;
    let no_reply = || Error::Protocol("the server's reply is none".into());
    let Value::Tuple(parts) = reply else {
        return Err(no_reply());
    };
    let [kind, value] =
        <[Value; 2]>::try_from(parts).map_err(|_| no_reply())?;
    match (kind.as_str(), value) {
        (Some("#RETURN"), value) => Ok(value),
        (Some("#ERROR"), Value::Object(raised)) => Err(Error::Raised(raised)),
        (Some("#ERROR"), Value::Class(class)) => {
            Err(Error::Raised(Box::new(Object::call(class, Vec::new()))))
        }
        (Some("#TRACEBACK" | "#UNSERIALIZABLE"), Value::Str(text)) => {
            let last = text.trim_end().lines().last().unwrap_or_default();
            let last = last.trim_matches('-');
            Err(Error::Remote(last.into()))
        }
        (Some("#PROXY"), _) => {
            let reason = "the method returns a proxy, which is not supported";
            Err(Error::Protocol(reason.into()))
        }
        _ => Err(no_reply()),
    }
}

fn no_answer(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::TimedOut => {
            io::Error::new(ErrorKind::TimedOut, "the server does not answer")
        }
        _ => error,
    }
}
