//! The managers' `Namespace`.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::object::{Arguments, CallError, Caller, ManagedObject};
use crate::value::Value;

/// An object that has whatever attributes clients give it.
///
/// ```
/// use std::sync::Arc;
/// use pymanagers::{Client, Key, Namespace, Server};
///
/// let key = Key::from("abc");
/// let server = Server::bind("127.0.0.1:0", &key)?
///     .share("state", Arc::new(Namespace::default()))
///     .start()?;
/// let client = Client::connect(server.address(), &key)?;
/// let state = client.proxy("state")?;
/// state.call("__setattr__", vec!["x".into(), 1.into()])?;
/// assert_eq!(state.call("__getattribute__", vec!["x".into()])?, 1.into());
/// # Ok::<(), pymanagers::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Namespace(Mutex<BTreeMap<String, Value>>);

impl Namespace {
    /// What a client makes with `Namespace(**attributes)`, for
    /// [`register`](crate::Server::register).
    ///
    /// # Errors
    ///
    /// `TypeError` for positional arguments.
    pub fn from_python(mut arguments: Arguments) -> Result<Self, CallError> {
        let attributes = std::mem::take(&mut arguments.keywords);
        let [] = arguments.bind("Namespace", [])?;
        Ok(Self(Mutex::new(attributes.into_iter().collect())))
    }
}

impl ManagedObject for Namespace {
    fn methods(&self) -> &[&str] {
        &["__getattribute__", "__setattr__", "__delattr__"]
    }

    fn call(
        &self,
        _: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let names = ["name", "value"];
        let [name, value] = arguments.bind(method, names)?;
        let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
        let mut attributes = self.0.lock().unwrap();
        let found = match (method, value) {
            ("__setattr__", Some(value)) => {
                attributes.insert(name.into(), value);
                return Ok(Value::None);
            }
            ("__getattribute__", None) => attributes.get(name).cloned(),
            ("__delattr__", None) => {
                attributes.remove(name).map(|_| Value::None)
            }
            _ => {
                let text = format!("{method}() takes other arguments");
                return Err(CallError::raise("TypeError", &text));
            }
        };
        found.ok_or_else(|| {
            let text = format!("'Namespace' object has no attribute '{name}'");
            CallError::raise("AttributeError", &text)
        })
    }
}
