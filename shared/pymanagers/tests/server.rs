//! The server: results that are not delivered, references, and the end.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use pymanagers::pickle;
use pymanagers::{
    Arguments, CallError, Caller, Client, ConnectionEnd, Key, ManagedObject,
    Queue, Server, Value, Wait,
};

#[path = "../../../tests/pymanagers/raw.rs"]
mod raw;

use raw::Raw;

const NOW: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(60);

fn key() -> Key {
    Key::from("abc")
}

fn server() -> Server {
    Server::bind("127.0.0.1:0", &key()).unwrap()
}

#[test]
fn a_result_that_the_client_does_not_read_comes_back() {
    let queue = Arc::new(Queue::new(0));
    let stall = Duration::from_millis(100);
    let server =
        server().write_timeout(stall).share("get_queue", queue.clone());
    let server = server.start().unwrap();
    let mut frozen = Raw::connect(server.address());
    let ident = frozen.create("get_queue");
    let large = Value::Bytes(vec![7; 15 << 20]);
    queue.put(large.clone(), Wait::No).unwrap();
    frozen.send(&ident, "get", &[]);
    while !queue.is_empty() {
        thread::yield_now(); // Until the item is on its way.
    }
    assert!(queue.get(Wait::at_most(LONG)).unwrap() == large);
}

/// A queue whose taker has gone when an item comes.
struct Late(Queue);

impl ManagedObject for Late {
    fn methods(&self) -> &[&str] {
        self.0.methods()
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let item = self.0.call(caller, method, arguments);
        while method == "get" && caller.is_connected() {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(2)); // Only long calls are checked.
        item
    }

    fn undelivered(&self, caller: &Caller, method: &str, item: Value) {
        self.0.undelivered(caller, method, item);
    }
}

#[test]
fn an_item_whose_taker_has_gone_comes_back() {
    let late = Arc::new(Late(Queue::new(0)));
    let server = server().share("get_queue", late.clone()).start().unwrap();
    let mut gone = Raw::connect(server.address());
    let ident = gone.create("get_queue");
    late.0.put(1.into(), Wait::No).unwrap();
    gone.send(&ident, "get", &[]);
    while !late.0.is_empty() {
        thread::yield_now(); // Until the item is on its way.
    }
    drop(gone);
    assert_eq!(late.0.get(Wait::at_most(LONG)), Ok(1.into()));
}

#[test]
fn a_client_that_ends_its_side_gets_nothing_more() {
    let queue = Arc::new(Queue::new(0));
    let server = server().share("get_queue", queue.clone()).start().unwrap();
    let mut client = Raw::connect(server.address());
    let ident = client.create("get_queue");
    client.send(&ident, "get", &[]);
    client.says_no_more();
    client.end(); // The server does not wait for an item any more.
    queue.put(1.into(), Wait::No).unwrap();
    assert_eq!(queue.get(Wait::No), Ok(1.into()));
}

/// Reports what it learns.
struct Reports(Mutex<mpsc::Sender<String>>);

impl Reports {
    fn report(&self, what: String) {
        self.0.lock().unwrap().send(what).unwrap();
    }
}

impl ManagedObject for Reports {
    fn methods(&self) -> &[&str] {
        &["large", "name"]
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        _: Arguments,
    ) -> Result<Value, CallError> {
        assert!(!caller.is_main_thread(), "it is the thread of a test");
        match method {
            "large" => Ok(Value::Bytes(vec![7; 17 << 20])),
            _ => Ok(caller.name.as_str().into()),
        }
    }

    fn unwritable(
        &self,
        _: &Caller,
        method: &str,
        _: Value,
        error: &pickle::Error,
    ) {
        self.report(format!("{method}: {error}"));
    }

    fn disconnected(&self, _: &Caller, end: ConnectionEnd) {
        self.report(format!("{end:?}"));
    }

    fn references_changed(&self, host: IpAddr, held: usize) {
        self.report(format!("{host} holds {held}"));
    }
}

#[test]
fn an_object_learns_what_becomes_of_it() {
    let (sender, events) = mpsc::channel();
    let server =
        server().share("object", Arc::new(Reports(Mutex::new(sender))));
    let server = server.start().unwrap();
    let next = || events.recv_timeout(LONG).unwrap();

    let client = Client::connect(server.address(), &key()).unwrap();
    let object = client.proxy("object").unwrap();
    assert_eq!(next(), "127.0.0.1 holds 1");
    assert!(object.call("large", vec![]).is_err());
    assert_eq!(next(), "large: more than 16777216 bytes (the limit)");
    let name = object.call("name", vec![]).unwrap();
    let process = format!("Rust-{}|", std::process::id());
    assert!(name.as_str().unwrap().starts_with(&process), "{name}");

    let other = client.proxy("object").unwrap();
    assert_eq!(next(), "127.0.0.1 holds 2");
    drop(object);
    assert_eq!(next(), "127.0.0.1 holds 1");
    drop(other);
    assert_eq!(next(), "127.0.0.1 holds 0");
    drop(client);
    assert_eq!(next(), "Released");

    let client = Client::connect(server.address(), &key()).unwrap();
    let object = client.proxy("object").unwrap();
    assert_eq!(next(), "127.0.0.1 holds 1");
    object.call("name", vec![]).unwrap();
    client.close(); // As if its process had been killed.
    assert_eq!(next(), "Abandoned");
}

#[test]
fn a_request_that_was_read_is_answered_before_the_server_ends() {
    for _ in 0..20 {
        let queue = Arc::new(Queue::new(0));
        let server = server().share("get_queue", queue.clone());
        let server = server.start().unwrap();
        let client = Client::connect(server.address(), &key()).unwrap();
        let proxy = client.proxy("get_queue").unwrap();
        thread::scope(|s| {
            s.spawn(move || {
                proxy.put(1, NOW).expect("its reply is not lost");
                drop((proxy, client));
            });
            queue.get(Wait::Forever).unwrap();
            server.shutdown(LONG); // As soon as the client has hung up.
        });
    }
}

#[test]
fn a_server_gives_its_port_back() {
    let first = server().share("get_queue", Arc::new(Queue::new(0)));
    let first = first.start().unwrap();
    let address = first.address();
    let idle = Client::connect(address, &key()).unwrap();
    first.shutdown(NOW);
    drop(idle);
    let again = Server::bind(address, &key()).unwrap().start().unwrap();
    Client::connect(again.address(), &key()).unwrap();
}
