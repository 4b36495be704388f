//! A server for Python clients: a queue, and a counter of one's own. It serves
//! until a client calls `shutdown()`.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::{env, error};

use pymanagers::{
    Arguments, CallError, Caller, Key, ManagedObject, Queue, Server, Value,
};

/// Counts, and keeps the name of the client that counted last.
#[derive(Default)]
struct Counter {
    count: AtomicI64,
    last: Mutex<String>,
}

impl ManagedObject for Counter {
    fn methods(&self) -> &[&str] {
        &["add", "last"]
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        if method == "last" {
            let [] = arguments.bind(method, [])?;
            return Ok(self.last.lock().unwrap().as_str().into());
        }
        let [amount] = arguments.require(method, ["amount"])?;
        let Some(amount) = amount.as_int() else {
            return Err(CallError::raise("TypeError", "not a whole number"));
        };
        self.last.lock().unwrap().clone_from(&caller.name);
        Ok((self.count.fetch_add(amount, SeqCst) + amount).into())
    }
}

fn main() -> Result<(), Box<dyn error::Error>> {
    let key = Key::from(env::var("KEY")?.as_str());
    let server = Server::bind("127.0.0.1:0", &key)?
        .share("get_queue", Arc::new(Queue::new(0)))
        .share("counter", Arc::new(Counter::default()))
        .on_event(|event| eprintln!("{event:?}"))
        .start()?;
    println!("{}", server.address());
    server.wait_for_shutdown();
    Ok(())
}
