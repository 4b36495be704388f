//! One connection: the handshake, the first request, and calls.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use super::accept::{ConnectionGuard, Inner};
use super::event::ServerEvent;
use super::registry::Refusal;
use super::reply::{self, returned, traceback, unknown};
use super::request::Request;
use crate::address::Socket;
use crate::auth;
use crate::connection::Connection;
use crate::error::Error;
use crate::frame::{read_or_skip, write_frame};
use crate::object::{Arguments, CallError, Caller, ManagedObject};
use crate::pickle;
use crate::value::Value;

/// How long the handshake and the first request may take together.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// By their idents, the objects that a connection has called.
type Called = HashMap<String, Arc<dyn ManagedObject>>;

impl Inner {
    /// The handshake, and the first request: most connections bring no other.
    pub fn serve(
        &self,
        socket: Arc<Socket>,
        guard: &ConnectionGuard<'_>,
    ) -> Result<(), Error> {
        let mut connection = Connection::new(socket.clone());
        connection.set_deadline_in(HANDSHAKE_TIMEOUT);
        auth::server_handshake(&mut connection, &self.key)?;
        guard.mark_authenticated();
        let first = read_or_skip(&mut connection, self.limits.bytes)?;
        connection.set_deadline(None);
        connection.set_write_stall(Some(self.write_timeout));
        let Some(first) = first else {
            return Ok(());
        };
        let request = match first {
            Ok(frame) => Request::read(&frame, &self.limits)
                .map_err(|error| reply::unreadable(&error)),
            Err(error) => Err(reply::too_long(&error)),
        };
        let (method, answer, name) = match request {
            Ok(Request { ident: None, method, arguments }) => {
                let name = arguments.positional.first();
                let name = name.and_then(Value::as_str).unwrap_or_default();
                let name = name.to_string();
                let host = guard.peer.ip();
                let answer = self.administer(&method, arguments, host);
                (method, answer, name)
            }
            Ok(Request { method, .. }) => {
                let answer = unrecognized(&method);
                (method, answer, String::new())
            }
            Err(answer) => (String::new(), answer, String::new()),
        };
        self.write(&mut connection, &answer)?;
        if method == "shutdown" {
            self.connections.lock().unwrap().shutdown = true;
            self.changed.notify_all();
        }
        if method == "accept_connection" && reply::is_return(&answer) {
            let id = guard.id;
            let peer = guard.peer;
            let closed = self.closed.clone();
            let caller = Caller { id, peer, name, socket, closed };
            self.serve_calls(&mut connection, &caller);
        }
        Ok(())
    }

    /// Requests and replies, until the client hangs up.
    fn serve_calls(&self, connection: &mut Connection, caller: &Caller) {
        let Caller { id, peer, .. } = *caller;
        let name = caller.name.clone();
        (self.on_event)(ServerEvent::Connected { id, peer, name });
        let mut called = Called::new();
        while let Ok(Some(frame)) = read_or_skip(connection, self.limits.bytes)
        {
            let answered = match frame {
                Ok(frame) => {
                    self.answer(connection, caller, &frame, &mut called)
                }
                Err(error) => self.write(connection, &reply::too_long(&error)),
            };
            if answered.is_err() {
                break;
            }
        }
        let end = self.registry.close(called.keys(), peer.ip());
        for object in called.into_values() {
            object.disconnected(caller, end);
        }
        (self.on_event)(ServerEvent::Disconnected { id, peer, end });
    }

    fn answer(
        &self,
        connection: &mut Connection,
        caller: &Caller,
        frame: &[u8],
        called: &mut Called,
    ) -> io::Result<()> {
        let mut refuse = |answer| self.write(connection, &answer);
        let (ident, method, arguments) =
            match Request::read(frame, &self.limits) {
                Ok(Request { ident: Some(ident), method, arguments }) => {
                    (ident, method, arguments)
                }
                Ok(_) => return refuse(traceback("KeyError", "None")),
                Err(error) => return refuse(reply::unreadable(&error)),
            };
        let Some(object) = self.registry.find(&ident) else {
            return refuse(unknown(&ident));
        };
        called.entry(ident).or_insert_with(|| object.clone());
        if !object.methods().contains(&&*method) {
            return refuse(reply::fallback(&*object, &method));
        }
        let began = Instant::now();
        let value = match object.call(caller, &method, arguments) {
            Ok(value) => value,
            Err(CallError::Raised(exception)) => {
                return refuse(reply::raised(exception));
            }
            Err(CallError::Unknown(name)) => return refuse(unknown(&name)),
            Err(CallError::Disconnected) => return Err(broken()),
        };
        let has_waited = began.elapsed() > Duration::from_millis(1);
        let answer = returned(value);
        let written = match pickle::write(&answer, &self.limits) {
            Ok(_) if has_waited && !caller.is_connected() => Err(broken()),
            Ok(frame) => write_frame(connection, &frame),
            Err(error) => {
                let value = value_of(answer);
                object.unwritable(caller, &method, value, &error);
                return refuse(reply::unwritable(&error));
            }
        };
        if written.is_err() {
            object.undelivered(caller, &method, value_of(answer));
        }
        written
    }

    /// Writes an answer that is none of an object's results.
    fn write(
        &self,
        connection: &mut Connection,
        answer: &Value,
    ) -> io::Result<()> {
        let written = pickle::write(answer, &self.limits);
        let frame = written.or_else(|error| {
            pickle::write(&reply::unwritable(&error), &Default::default())
        });
        write_frame(connection, &frame.expect("one line is not too large"))
    }

    /// What the server itself is asked for.
    fn administer(
        &self,
        method: &str,
        arguments: Arguments,
        host: std::net::IpAddr,
    ) -> Value {
        let first = arguments.positional.first();
        let ident = first.and_then(Value::as_str).unwrap_or_default();
        match method {
            "dummy" | "accept_connection" | "shutdown" => {}
            "create" => return self.create(arguments, host),
            "incref" | "decref" => {
                let is_known = match method {
                    "incref" => self.registry.incref(ident, host),
                    _ => self.registry.decref(ident, host),
                };
                if !is_known {
                    return unknown(ident);
                }
            }
            "get_methods" => return self.methods(first),
            "number_of_objects" => {
                return returned((self.registry.len() as i64).into());
            }
            "debug_info" => return returned(self.registry.describe().into()),
            other => return unrecognized(other),
        }
        returned(Value::None)
    }

    fn create(
        &self,
        mut arguments: Arguments,
        host: std::net::IpAddr,
    ) -> Value {
        if arguments.positional.is_empty() {
            return traceback("TypeError", "create() needs a name");
        }
        let name = arguments.positional.remove(0);
        let name = name.as_str().unwrap_or_default();
        match self.registry.create(name, arguments, host) {
            Ok((ident, object)) => {
                let methods = methods_of(&*object);
                returned(Value::Tuple(vec![ident.into(), methods]))
            }
            Err(Refusal::UnknownName) => unknown(name),
            Err(Refusal::Failed(error)) => reply::not_created(error),
        }
    }

    /// The methods of the object that a token names.
    fn methods(&self, token: Option<&Value>) -> Value {
        let ident = match token {
            Some(Value::Object(token)) if token.class.name == "Token" => {
                let state = token.state.as_ref().and_then(Value::as_tuple);
                state.and_then(|state| state.get(2)?.as_str())
            }
            _ => None,
        };
        match ident.and_then(|ident| self.registry.find(ident)) {
            Some(object) => returned(methods_of(&*object)),
            None => unknown(ident.unwrap_or_default()),
        }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }
}

fn methods_of(object: &dyn ManagedObject) -> Value {
    let methods = object.methods().iter().map(|name| Value::from(*name));
    Value::Tuple(methods.collect())
}

fn unrecognized(method: &str) -> Value {
    traceback("AssertionError", &format!("'{method}' unrecognized"))
}

/// The value of a reply.
fn value_of(reply: Value) -> Value {
    match reply {
        Value::Tuple(mut parts) => parts.pop().unwrap_or(Value::None),
        _ => Value::None,
    }
}

fn broken() -> io::Error {
    ErrorKind::BrokenPipe.into()
}
