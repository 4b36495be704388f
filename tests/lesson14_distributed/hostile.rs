//! Peers that do not speak the protocol, or mean harm.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pymanagers::wire::{Wire, read_frame, write_frame};
use pymanagers::{
    Client, Error, Event, Key, Object, Queue, Server, Serving, Value, auth,
    pickle,
};

fn key() -> Key {
    Key::from("abc")
}

/// A server with one queue, and what it tells.
fn server() -> (Serving, mpsc::Receiver<String>) {
    let (tell, told) = mpsc::channel();
    let server = Server::bind("127.0.0.1:0", key()).unwrap();
    let server = server.share("get_queue", Arc::new(Queue::new(0)));
    let server = server.tell(move |event| {
        if let Event::Refused(_, error) = event {
            let _ = tell.send(error.to_string());
        }
    });
    (server.start().unwrap(), told)
}

/// The server still answers.
#[track_caller]
fn hold_alive(server: &Serving) {
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.queue("get_queue").unwrap();
    queue.put("alive".into()).unwrap();
    assert_eq!(queue.get(Duration::ZERO).unwrap(), "alive".into());
}

/// A client that knows the key and sends what it likes.
pub struct Raw {
    wire: Wire,
    address: SocketAddr,
}

impl Raw {
    pub fn connect(address: SocketAddr) -> Self {
        let mut raw = Self::greeted(address);
        let reply = raw.ask(Value::None, "accept_connection", &["raw".into()]);
        assert_eq!(reply, Value::Tuple(vec!["#RETURN".into(), Value::None]));
        raw
    }

    fn greeted(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        let mut wire = Wire::new(stream).unwrap();
        wire.set_patience(Some(Duration::from_secs(60))).unwrap();
        auth::knock(&mut wire, &key()).unwrap();
        Self { wire, address }
    }

    pub fn create(&self, name: &str) -> String {
        let mut one = Self::greeted(self.address);
        let reply = one.ask(Value::None, "create", &[name.into()]);
        let made = reply.as_tuple().unwrap()[1].as_tuple().unwrap();
        made[0].as_str().unwrap().to_string()
    }

    pub fn send(&mut self, ident: &str, method: &str, args: &[Value]) {
        self.request(ident.into(), method, args);
    }

    pub fn call(&mut self, ident: &str, method: &str, args: &[Value]) -> Value {
        self.ask(ident.into(), method, args)
    }

    fn ask(&mut self, ident: Value, method: &str, args: &[Value]) -> Value {
        self.request(ident, method, args);
        self.hear()
    }

    fn request(&mut self, ident: Value, method: &str, args: &[Value]) {
        let (args, named) = (Value::Tuple(args.into()), Vec::new());
        let named = Value::Dict(named);
        let request = Value::Tuple(vec![ident, method.into(), args, named]);
        self.bytes(&pickle::write(&request));
    }

    /// Hangs up on one side: it still listens.
    pub fn says_no_more(&self) {
        self.wire.stream().shutdown(Shutdown::Write).unwrap();
    }

    pub fn bytes(&mut self, frame: &[u8]) {
        write_frame(&mut self.wire, frame).unwrap();
    }

    pub fn hear(&mut self) -> Value {
        let reply = read_frame(&mut self.wire, 1 << 20).unwrap();
        pickle::read_any(&reply.expect("a reply")).unwrap()
    }
}

fn kind(reply: &Value) -> &str {
    reply.as_tuple().unwrap()[0].as_str().unwrap()
}

#[test]
fn nonsense_before_the_key_is_refused() {
    let (server, told) = server();
    for says in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\0\0\x01\x01",
        b"\x7f\xff\xff\xff",
        b"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\0\0\0",
        b"\0\0\0\0",
        b"\0\0\0\x10nonsense of 16 b",
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(says).unwrap();
        let _ = stream.read_to_end(&mut Vec::new()); // It hangs up.
        let why = told.recv_timeout(Duration::from_secs(20)).unwrap();
        let refused = ["digest received was wrong", "a frame that is none"];
        assert!(refused.iter().any(|r| why.contains(r)), "{why}");
        hold_alive(&server);
    }
}

#[test]
fn a_peer_that_says_nothing_is_hung_up_on() {
    let (server, told) = server();
    let began = Instant::now();
    let mut silent = TcpStream::connect(server.address()).unwrap();
    silent.write_all(b"\0").unwrap();
    hold_alive(&server);
    let why = told.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(why, "handshake timed out");
    assert!(began.elapsed() >= Duration::from_secs(5));
}

#[test]
fn strangers_are_not_let_in_without_end() {
    let (server, _told) = server();
    let connect = || TcpStream::connect(server.address()).unwrap();
    let mut strangers: Vec<_> = (0..256).map(|_| connect()).collect();
    for stranger in &mut strangers {
        stranger.read_exact(&mut [0; 4]).unwrap(); // It is being greeted.
    }
    let one_more = Client::connect(server.address(), &key());
    assert!(matches!(one_more, Err(Error::Io(_))), "{one_more:?}");
    drop(strangers);
    let end = Instant::now() + Duration::from_secs(20);
    while Client::connect(server.address(), &key()).is_err() {
        assert!(Instant::now() < end, "they have gone, and there is room");
    }
    hold_alive(&server);
}

#[test]
fn nonsense_behind_the_key_is_answered_and_the_connection_goes_on() {
    let (server, _told) = server();
    let mut raw = Raw::connect(server.address());
    let queue = raw.create("get_queue");
    let bomb = [
        &b"\x80\x04(]\x94"[..],
        &(0..30)
            .flat_map(|i| [b']', 0x94, b'(', b'h', i, b'h', i, b'e'])
            .collect::<Vec<u8>>(),
        b"t.",
    ]
    .concat();
    for frame in [
        &b""[..],
        b".",
        b"nonsense",
        b"\x80\x04N.",
        b"\x80\x04cposix\nsystem\n\x8c\x04true\x85R.",
        &bomb,
        &b"(".repeat(70_000),
        &pickle::write(&Value::Tuple(vec![Value::None; 4])),
        &pickle::write(&Value::Tuple(vec![1.into(), 2.into()])),
    ] {
        raw.bytes(frame);
        let reply = raw.hear();
        assert!(matches!(kind(&reply), "#TRACEBACK" | "#ERROR"), "{reply}");
    }
    assert_eq!(kind(&raw.call("0", "put", &[1.into()])), "#TRACEBACK");
    assert_eq!(kind(&raw.call(&queue, "__init__", &[])), "#TRACEBACK");
    assert_eq!(kind(&raw.call(&queue, "put", &[])), "#ERROR");
    let put = raw.call(&queue, "put", &[1.into()]);
    assert_eq!(kind(&put), "#RETURN");
    hold_alive_after_one(&server);
}

/// As [`hold_alive`], with the one item that is there.
fn hold_alive_after_one(server: &Serving) {
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.queue("get_queue").unwrap();
    assert_eq!(queue.get(Duration::ZERO).unwrap(), 1.into());
}

#[test]
fn what_the_server_is_asked_for_itself() {
    let (server, _told) = server();
    let ask = |method: &str, args: &[Value]| {
        let mut one = Raw::greeted(server.address());
        one.ask(Value::None, method, args)
    };
    assert_eq!(kind(&ask("dummy", &[])), "#RETURN");
    assert_eq!(kind(&ask("nothing", &[])), "#TRACEBACK");
    assert_eq!(kind(&ask("create", &[])), "#TRACEBACK");
    assert_eq!(kind(&ask("create", &["get_gone".into()])), "#TRACEBACK");
    let surplus = ["get_queue".into(), 1.into()];
    assert_eq!(kind(&ask("create", &surplus)), "#TRACEBACK");
    let number = |n: i64| Value::Tuple(vec!["#RETURN".into(), n.into()]);
    assert_eq!(ask("number_of_objects", &[]), number(0), "nothing leaks");
    let raw = Raw::connect(server.address());
    let ident = raw.create("get_queue");
    assert_eq!(raw.create("get_queue"), ident, "one object, one ident");
    assert_eq!(ask("number_of_objects", &[]), number(1));
    let state = ["AutoProxy".into(), Value::None, ident.as_str().into()];
    let mut token =
        Object::exception("multiprocessing.managers", "Token", vec![]);
    token.state = Some(Value::Tuple(state.into()));
    assert_eq!(kind(&ask("get_methods", &[token.into()])), "#RETURN");
    for _ in 0..2 {
        let reply = ask("decref", &[ident.as_str().into()]);
        assert_eq!(kind(&reply), "#RETURN");
    }
    assert_eq!(kind(&ask("decref", &[ident.into()])), "#TRACEBACK");
    assert_eq!(ask("number_of_objects", &[]), number(0));
    assert_eq!(kind(&ask("shutdown", &[])), "#RETURN");
    server.wait_for_shutdown();
}
